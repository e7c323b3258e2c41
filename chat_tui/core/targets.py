"""Where a request goes: provider, model, parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

DEMO = "demo"
"""The name of the built-in provider that answers without a network."""


AuthScheme = Literal["bearer", "api-key", "x-api-key"]
"""Which header carries the key: `Authorization: Bearer …`, or one of these names."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """Where a server differs from what OpenAI's does: data, so that no code asks who it is.

    What a model refuses beyond this is learnt (see `core.memory`).
    """

    auth: AuthScheme = "bearer"
    max_tokens: str = ""
    """How the limit of a reply is spelt; empty: `max_completion_tokens` for models that are known
    to want it, else `max_tokens`."""
    stream_options: bool = True
    """Whether usage is asked for in a stream."""
    system_role: str = "system"
    """How the role of the system prompt is spelt."""
    null_content: bool = True
    """Whether an assistant's message of tool calls alone goes back with `content: null`; else it
    is an empty text, which some servers want."""
    reasoning_back: bool = False
    """Whether the reasoning of a message with tool calls goes back as `reasoning_content`."""
    left_out: frozenset[str] = frozenset()
    """Parameters that are never sent."""
    alternate: bool = False
    """Whether prompts and answers must alternate: neighbours of one role are sent as one."""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a provider may take, in seconds."""

    connect: float = 10.0
    first_token: float = 600.0
    """From the request to the first content: local servers read long prompts first."""
    stall: float = 300.0
    """Between two pieces of content."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a model costs, in US dollars for a million tokens; None where it is not known."""

    input: float | None = None
    output: float | None = None
    cached: float | None = None


@dataclass(frozen=True, slots=True)
class ProviderProfile:
    """An endpoint that speaks Chat Completions, and what it needs. Never holds a key."""

    name: str
    base_url: str
    """With or without `/v1`, with or without `/chat/completions`."""
    key_env: str = ""
    """The environment variable that holds the key; where this, `key_command`, `key_file` and
    `keyring` are empty, none is sent."""
    default_model: str = ""
    label: str = ""
    """How it is shown; the name where empty."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request, beside the key."""
    key_command: tuple[str, ...] = ()
    """A program with its arguments that prints the key; asked before all other sources."""
    key_file: str = ""
    """A file of mode 0600 that holds the key; asked last."""
    keyring: bool = False
    """Whether the system's keyring may hold the key, as `chat-tui` / the provider's name."""
    proxy: str = ""
    """The proxy on the way, in place of the environment's."""
    ca_file: str = ""
    """Certificates (PEM) to trust in place of the system's."""
    allow_http: bool = False
    """Whether the key may go over plain http to another machine: the user said so."""
    limits: TimeLimits = TimeLimits()
    max_concurrency: int = 0
    """Requests at the same time; 0 for any number."""
    quirks: Quirks = Quirks()
    prices: Mapping[str, Prices] = field(default_factory=dict)
    """Model → what it costs, over what is known otherwise."""
    windows: Mapping[str, int] = field(default_factory=dict)
    """Model → its context window in tokens, over what is known otherwise."""
    max_outputs: Mapping[str, int] = field(default_factory=dict)
    """Model → the tokens of its longest reply, over what is known otherwise."""
    abilities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Model → all that it can do of `core.models.ABILITIES`, over what is known otherwise."""

    @property
    def wants_key(self) -> bool:
        """Whether a key is to be sent."""
        return bool(self.key_env or self.key_command or self.key_file or self.keyring)


@dataclass(frozen=True, slots=True)
class Target:
    """A model at a provider, with parameters: what one slot talks to."""

    provider: str
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Request parameters by their name on the wire (`temperature`, `top_p`, …)."""
    system_prompt: str | None = None
    """What this one is told first; None: what the conversation says."""

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"
