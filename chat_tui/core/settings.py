"""The settings, defined once: type, default, a sentence each, and what values there are.

The settings file, its messages and the settings screen are made from `SETTINGS`. Their short names
for the screen stand in the catalogue of texts, as `setting.NAME`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from chat_tui.core.attachments.detail import ImageDetail
from chat_tui.core.context.policy import ContextPolicy, Overflow
from chat_tui.core.targets import ProviderProfile

Notify = Literal["off", "bell", "osc9", "osc777"]
"""How the end of a long answer is told while the terminal is not looked at."""

SendKey = Literal["enter", "ctrl+j"]
"""What sends a prompt; the other one starts a new line."""

Pictures = Literal["thumbnails", "lines"]
"""How pictures are shown in a conversation."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, valid."""

    provider: str = field(
        default="", metadata={"doc": "The provider to start with; empty: the first that is there."}
    )
    model: str = field(
        default="", metadata={"doc": "The model to start with; empty: the provider's."}
    )
    theme: str = field(default="chat-tui-dark", metadata={"doc": "The colours."})
    keymap: str = field(
        default="default",
        metadata={"doc": "The keys: default, vim, or a file of that name in the keymaps folder."},
    )
    send_key: SendKey = field(
        default="enter",
        metadata={
            "doc": "What sends a prompt; the other key starts a new line.",
            "choices": get_args(SendKey),
        },
    )
    system_prompt: str = field(
        default="",
        metadata={"doc": "The system prompt of new conversations.", "several_lines": True},
    )
    timestamps: bool = field(default=False, metadata={"doc": "Show when each message was written."})
    fold_reasoning: bool = field(
        default=True, metadata={"doc": "Show reasoning and tool calls as one line at first."}
    )
    fold_lines: int = field(
        default=40,
        metadata={
            "doc": "Fold prompts that are longer than so many lines; 0: never.",
            "least": 0,
            "most": 100_000,
        },
    )
    notify: Notify = field(
        default="bell",
        metadata={
            "doc": "How the end of a long answer is told while you look elsewhere.",
            "choices": get_args(Notify),
        },
    )
    notify_after: int = field(
        default=10,
        metadata={"doc": "Seconds from which on an answer is long.", "least": 0, "most": 86_400},
    )
    title_by_model: bool = field(
        default=False,
        metadata={"doc": "Ask a model for a title after the first answer (costs tokens)."},
    )
    title_model: str = field(
        default="", metadata={"doc": "The model that is asked; empty: the conversation's."}
    )
    context_policy: Overflow = field(
        default="trim",
        metadata={
            "doc": "What is done where a conversation is larger than the model's window.",
            "choices": get_args(Overflow),
        },
    )
    max_history: int = field(
        default=0,
        metadata={
            "doc": "Messages that are sent at the most; 0: as many as there is room for.",
            "least": 0,
            "most": 100_000,
        },
    )
    shorten_results: bool = field(
        default=True, metadata={"doc": "Shorten old tool results before anything is left out."}
    )
    drop_images: bool = field(
        default=True,
        metadata={"doc": "Send a line of words for old pictures before anything is left out."},
    )
    compact_at: int = field(
        default=80,
        metadata={
            "doc": "Per cent of the room from which on `compact` sums up the oldest turns.",
            "least": 10,
            "most": 100,
        },
    )
    summary_model: str = field(
        default="", metadata={"doc": "The model that sums up; empty: the conversation's."}
    )
    keep_deleted_days: int = field(
        default=30,
        metadata={
            "doc": "Days after which deleted conversations and messages are removed for good.",
            "least": 0,
            "most": 36_500,
        },
    )
    pictures: Pictures = field(
        default="thumbnails",
        metadata={
            "doc": "Show the pictures of a conversation, or a line for each.",
            "choices": get_args(Pictures),
        },
    )
    picture_detail: ImageDetail = field(
        default="auto",
        metadata={
            "doc": "How closely models look at pictures that you attach.",
            "choices": get_args(ImageDetail),
        },
    )
    picture_side: int = field(
        default=0,
        metadata={
            "doc": "Pixels to which attached pictures are shrunk; 0: only as the provider wants.",
            "least": 0,
            "most": 20_000,
        },
    )
    column_width: int = field(
        default=38,
        metadata={
            "doc": "Characters that a column has at least, side by side; fewer columns fit then.",
            "least": 20,
            "most": 200,
        },
    )
    sidebar: bool = field(default=True, metadata={"doc": "Show the list of conversations."})
    providers: Mapping[str, ProviderProfile] = field(default_factory=dict)
    """Tables `[providers.NAME]`, beside the built-in ones."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Table `[parameters]`: request parameters of new conversations."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Table `[keys]`: action id → keys, separated by commas."""


def policy_of(settings: Settings) -> ContextPolicy:
    """The context policy of conversations that have none of their own."""
    return ContextPolicy(
        settings.context_policy,
        settings.max_history,
        settings.shorten_results,
        settings.drop_images,
        settings.compact_at,
        settings.summary_model,
    )


@dataclass(frozen=True, slots=True)
class SettingDefinition:
    """One scalar setting."""

    name: str
    type: type
    default: Any
    doc: str
    choices: tuple[str, ...] = ()
    """All values that there are; empty where any of the type will do."""
    least: int | None = None
    most: int | None = None
    """The range of a number."""
    several_lines: bool = False
    """Whether it is a text of several lines."""


def _definitions() -> tuple[SettingDefinition, ...]:
    return tuple(
        SettingDefinition(entry.name, type(entry.default), entry.default, **entry.metadata)
        for entry in fields(Settings)
        if "doc" in entry.metadata
    )


SETTINGS = _definitions()
"""The scalar settings in the order in which they are shown."""
