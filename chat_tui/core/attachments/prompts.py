"""A prompt as it is sent: words, and what is attached to them."""

from dataclasses import dataclass

from chat_tui.core.messages import FilePart, ImagePart, Part, text_parts


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words and what is attached to them. Empty where there is neither."""

    text: str = ""
    attached: tuple[ImagePart | FilePart, ...] = ()
    """In the order in which it is sent, after the words."""

    def __bool__(self) -> bool:
        return bool(self.text.strip() or self.attached)

    @property
    def parts(self) -> tuple[Part, ...]:
        """As the parts of a message."""
        return (*text_parts(self.text), *self.attached)


def prompt_of(given: "Prompt | str") -> Prompt:
    """Words alone are a prompt too."""
    return Prompt(given) if isinstance(given, str) else given
