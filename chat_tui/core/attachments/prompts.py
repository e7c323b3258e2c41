"""A prompt as it is sent: words, and what is attached to them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the first frame needs no messages: 3 ms
    from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words and what is attached to them. Empty where there is neither."""

    text: str = ""
    attached: "tuple[ImagePart | FilePart, ...]" = ()
    """In the order in which it is sent, after the words."""

    def __bool__(self) -> bool:
        return bool(self.text.strip() or self.attached)

    @property
    def parts(self) -> "tuple[Part, ...]":
        """As the parts of a message; blank words beside something attached are none."""
        from chat_tui.core.messages import text_parts  # see above

        words = self.text if self.text.strip() or not self.attached else ""
        return (*text_parts(words), *self.attached)


def prompt_of(given: Prompt | str) -> Prompt:
    """Words alone are a prompt too."""
    return Prompt(given) if isinstance(given, str) else given


def prompt_in(message: "ChatMessage") -> Prompt:
    """What was written in a message, and what is attached to it."""
    return Prompt(message.text, attached_to(message))


def attached_to(message: "ChatMessage") -> "tuple[ImagePart | FilePart, ...]":
    """The pictures and documents of a message, in their order."""
    from chat_tui.core.messages import TextPart  # see above

    return tuple(part for part in message.parts if not isinstance(part, TextPart))
