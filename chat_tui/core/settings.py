"""The settings, defined once: type, default and a sentence each.

The settings file, its messages and (later) the settings screen are made from `SETTINGS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from chat_tui.core.targets import ProviderProfile


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
    system_prompt: str = field(
        default="", metadata={"doc": "The system prompt of new conversations."}
    )
    title_by_model: bool = field(
        default=False,
        metadata={"doc": "Ask the model for a title after the first answer (costs tokens)."},
    )
    sidebar: bool = field(default=True, metadata={"doc": "Show the list of conversations."})
    providers: Mapping[str, ProviderProfile] = field(default_factory=dict)
    """Tables `[providers.NAME]`, beside the built-in ones."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Table `[parameters]`: request parameters of new conversations."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Table `[keys]`: action id → keys, separated by commas."""


@dataclass(frozen=True, slots=True)
class SettingDefinition:
    """One scalar setting."""

    name: str
    type: type
    default: Any
    doc: str


def _definitions() -> tuple[SettingDefinition, ...]:
    return tuple(
        SettingDefinition(entry.name, type(entry.default), entry.default, entry.metadata["doc"])
        for entry in fields(Settings)
        if "doc" in entry.metadata
    )


SETTINGS = _definitions()
"""The scalar settings in the order in which they are shown."""
