"""What is written and not sent yet."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what is attached comes after the first frame
    from chat_tui.core.attachments.prompts import Prompt
    from chat_tui.core.messages import FilePart, ImagePart


@dataclass(frozen=True, slots=True)
class Draft:
    """The unsent words of one conversation; kept through restarts and crashes."""

    text: str = ""
    """As it stands in the prompt; each long paste as its chip (see `pastes`)."""
    pastes: tuple[str, ...] = ()
    """The texts behind the chips, the first chip's first."""
    attached: "tuple[ImagePart | FilePart, ...]" = ()
    """What the chips of pictures and documents stand for, the first chip's first, each once."""
    queued: "tuple[Prompt, ...]" = ()
    """Prompts that wait for the end of the running answer, whole, the next one first."""
    editing: str | None = None
    """The message whose other version is being written, where it is not a new prompt."""
    set_aside: "Draft | None" = None
    """What stood in the prompt before `editing` began; it comes back afterwards."""

    def __bool__(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.text or self.attached or self.queued or self.set_aside)


def draft_of(prompt: "Prompt") -> Draft:
    """A prompt to be shown as a draft: what no chip in its text stands for gets one at its end."""
    return Draft(prompt.text, attached=prompt.attached)


OF_A_NEW_CONVERSATION = ""
"""The key of the draft that belongs to no stored conversation yet."""
