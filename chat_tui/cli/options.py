"""What the command line says, as values: made by `arguments`, read by the commands.

Named tuples, because each start makes these classes: 3 ms less than as dataclasses.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # it brings dataclasses
    from typing import Literal

    from chat_tui.core.attachments.media import Rule
    from chat_tui.core.context.policy import Overflow
    from chat_tui.core.messages import ImageDetail
    from chat_tui.core.picking.kinds import Effort, Order, Task
    from chat_tui.core.side_by_side.comparison import ComparisonFormat


class TargetOptions(NamedTuple):
    """Whom to talk to; what is empty is decided by `choosing.choose`."""

    provider: str = ""
    demo: bool = False
    base_url: str = ""
    model: str = ""
    api_key_env: str = ""
    """The environment variable that holds the key."""

    @property
    def names_provider(self) -> bool:
        """Whether a provider is named, and not only a model."""
        return bool(self.provider or self.demo or self.base_url)


class AppOptions(NamedTuple):
    """`chat-tui`: the full-screen app."""

    target: TargetOptions = TargetOptions()
    resume: str | None = None
    """The conversation to open, by its id or the beginning of it; "" for the newest."""


class AttachOptions(NamedTuple):
    """What goes with the prompt of `chat-tui ask`."""

    files: "tuple[tuple[Literal['picture', 'file'], str], ...]" = ()
    """Paths, addresses, patterns, `-` for standard input, in the order in which they were named."""
    detail: "ImageDetail | None" = None
    """How closely pictures are looked at; by default as the settings say."""
    keep_metadata: bool = False
    cut: "Rule" = "whole"
    """What becomes of documents that are longer than `most_characters`."""
    most_characters: int = 0
    send_secrets: bool = False
    """Send what looks like a key too."""
    save_images: Path | None = None
    """The folder into which the pictures of replies are written."""


class AskOptions(NamedTuple):
    """`chat-tui ask`: one prompt, from the shell."""

    prompt: str | None = None
    target: TargetOptions = TargetOptions()
    """Its `model` stays empty: see `models`."""
    models: tuple[str, ...] = ()
    """Asked one after the other; none for the provider's."""
    system: str | None = None
    continue_newest: bool = False
    conversation: str = ""
    """The conversation to continue, by its id or the beginning of it."""
    parameters: tuple[str, ...] = ()
    """Request parameters as they were written: `name=value`."""
    json_mode: bool = False
    """Any JSON object is asked for."""
    schema: Path | None = None
    """A file with the JSON schema that the answer is to follow."""
    attach: AttachOptions = AttachOptions()
    context_policy: "Overflow | None" = None
    """What is done where the conversation does not fit."""
    max_history: int | None = None
    """Messages that are sent at the most; 0 for any number."""
    window: int | None = None
    """Tokens of the models' windows, for this run."""
    stream: bool = True
    save: bool = True
    json: bool = False


class ListOptions(NamedTuple):
    """`chat-tui list`."""

    json: bool = False
    limit: int | None = None
    """Rows at the most; 0 for all. By default 50, and all with `json`."""


class ExportOptions(NamedTuple):
    """`chat-tui export`."""

    conversation: str
    output: Path | None = None
    comparison: bool = False
    """Only what can be compared, prompt by prompt."""
    format: "ComparisonFormat | None" = None
    """By default `json`, and `md` of a comparison."""


class ImportOptions(NamedTuple):
    """`chat-tui import`."""

    file: Path


class ModelsOptions(NamedTuple):
    """`chat-tui models`."""

    words: tuple[str, ...] = ()
    """Words and conditions, in the language of the picker."""
    target: TargetOptions = TargetOptions()
    """Whose models; those of all providers that are ready where none is named."""
    task: "Task | None" = None
    effort: "Effort | None" = None
    """How hard the task is; by default `medium`."""
    order: "Order" = "relevance"
    limit: int | None = None
    """Rows at the most; 0 for all. By default 50, and all with `json`."""
    refresh: bool = False
    """Ask for the list, whatever is kept."""
    favourites: bool = False
    everything: bool = False
    """Also the models of providers that are not set up, as the catalogue has them."""
    json: bool = False


class DoctorOptions(NamedTuple):
    """`chat-tui doctor`."""

    target: TargetOptions = TargetOptions()
    """Whom to test; a provider that is named is tested without `test`."""
    test: bool = False
    """Test the connection of the provider that would be chosen."""
    json: bool = False


Options = (
    AppOptions
    | AskOptions
    | ListOptions
    | ModelsOptions
    | ExportOptions
    | ImportOptions
    | DoctorOptions
)
