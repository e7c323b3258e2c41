"""What the core needs from outside, each named for its role."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypedDict

from chat_tui.core.context.cut import Cut
from chat_tui.core.conversation import Conversation, ConversationSummary, Extent, Node
from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ChatMessage, Flags
from chat_tui.core.models import ModelCard
from chat_tui.core.side_by_side.board import Board
from chat_tui.core.targets import Prices, Target

if TYPE_CHECKING:  # 7 ms that the first frame need not pay
    from chat_tui.core.attachments.values import Attachment
    from chat_tui.core.context.budget import Window
    from chat_tui.core.context.items import Weight
    from chat_tui.core.events import ReplyEvent
    from chat_tui.core.requests import ChatRequest


class ChatClient(Protocol):
    """Sends a request and reads the reply."""

    def stream(self, request: "ChatRequest") -> "AsyncGenerator[ReplyEvent, None]":
        """Send and yield what comes, a `ReplyFinished` for each choice last.

        Consume it under `contextlib.aclosing`: closing it closes the connection.

        Raises:
            ChatError: nothing came (after the retries of the policy), or, as
                `InterruptedReplyError`, the reply broke off after its first content.
        """
        ...


class ClientSource(Protocol):
    """Gives the client for a target; the same one for the same provider."""

    def client_for(self, target: Target) -> ChatClient:
        """Give the client.

        Raises:
            UsageError: no such provider, or its key is missing.
        """
        ...


class TokenCounter(Protocol):
    """Counts tokens: at once as well as it can, exactly when there is time."""

    @property
    def ready(self) -> bool:
        """Whether exact counts come within milliseconds: the vocabulary is loaded."""
        ...

    def encoding(self, model: str) -> str:
        """The vocabulary that a model's texts are counted with."""
        ...

    def own_encoding(self, model: str) -> bool:
        """Whether that is the model's own; for all others every figure is approximate."""
        ...

    def weigh(self, message: ChatMessage, model: str) -> "Weight":
        """What a message weighs, at once.

        By the count stored with it (`ChatMessage.tokens`), else by an estimate; pictures by the
        published rules of the model.
        """
        ...

    def image_rule(self, model: str) -> str:
        """What the rule is called by which a model's pictures are weighed; empty: it is a guess."""
        ...

    async def count(self, messages: Sequence[ChatMessage], model: str) -> list[int]:
        """The exact tokens of messages without their pictures.

        They are stored as `ChatMessage.tokens[encoding(model)]`.

        Raises:
            UsageError: nothing can be counted here; the estimate has to do.
        """
        ...

    async def count_text(self, text: str, model: str) -> int:
        """The exact tokens of a text alone. Raises as `count`."""
        ...

    async def overhead(self, target: Target) -> int:
        """Tokens of a request besides its messages: what primes the reply, tools, a schema.

        Exact where the counter is ready, else estimated; never raises.
        """
        ...

    async def aclose(self) -> None:
        """End what counts; twice is safe."""
        ...


class ModelFacts(Protocol):
    """What is known of models: nothing here waits, but for `look_up`."""

    def window(self, target: Target) -> "Window":
        """The context window, from the best source that says anything.

        What the user sets comes first; else a size that the server refused to go beyond holds
        over larger promises.
        """
        ...

    def prices(self, target: Target) -> Prices | None:
        """What its tokens cost; None where nobody says."""
        ...

    def card(self, target: Target) -> ModelCard:
        """All that is known of a model, each value with its source; cheap enough for thousands."""
        ...

    async def look_up(self, target: Target, *, ask: bool = True) -> None:
        """Ask the target's provider, and nobody else, for what is not known yet; never raises.

        At most once in a while for each model, and within a few seconds.

        Args:
            target: whose window and prices.
            ask: without it nobody is asked: only what is kept here is read.
        """
        ...


class MessageChanges(TypedDict, total=False):
    """Fields of a `ChatMessage` that may change after it has ended."""

    pinned: bool
    excluded: bool
    tokens: Mapping[str, int]
    """Counts by encoding, added to those that there are."""


class ConversationChanges(TypedDict, total=False):
    """Fields of a `Conversation` to write; others stay as another window may have set them."""

    title: str
    title_by_hand: bool
    updated: float
    system_prompt: str
    targets: tuple[Target, ...]
    policy: str
    cuts: Mapping[str, Cut]
    tags: tuple[str, ...]
    folder: str
    pinned: bool
    archived: bool
    head: str | None
    heads: Mapping[int, str]
    board: Board
    favourite: str | None
    deleted: float | None


class MessageText(NamedTuple):
    """What can be searched of a message, as it is stored."""

    id: str
    text: str
    reasoning: str
    tool_calls: str
    """Names and arguments of its tool calls, one a line; mostly empty."""


class Purged(NamedTuple):
    """How much was removed for good."""

    conversations: int
    messages: int
    """Of conversations that are still there."""


class ConversationStore(Protocol):
    """Keeps conversations. No call blocks the event loop; each may raise `StorageError`.

    Two windows may hold the same conversation: messages are only ever added, and of a
    conversation only the named fields are written.
    """

    async def summaries(
        self, *, limit: int = 50, after: ConversationSummary | None = None
    ) -> list[ConversationSummary]:
        """A page of the list: pinned ones first, then the newest first, deleted ones left out.

        Args:
            limit: rows at the most.
            after: the last row of the page before.
        """
        ...

    async def conversation(self, id_: str) -> Conversation | None:
        """A conversation without its messages; None where there is none (deleted ones count)."""
        ...

    async def nodes(self, conversation: str) -> list[Node]:
        """The tree of a conversation, parents before children; no text is read."""
        ...

    async def messages(self, ids: Sequence[str]) -> list[ChatMessage]:
        """Messages whole, in the order asked for; unknown ids are passed over.

        A message that is still streaming comes with the text journalled so far.
        """
        ...

    async def add_messages(
        self, conversation: Conversation, messages: Sequence[ChatMessage]
    ) -> None:
        """Add messages in one durable step, oldest first, and the conversation if it is new.

        Of a conversation that is there already only `head`, `heads` and `updated` are written,
        and with a prompt, or a reply that is no further choice of another, `deleted` is cleared.
        Messages that are there already stay as they are.
        """
        ...

    def append_chunk(self, message: str, text: str, reasoning: str) -> None:
        """Journal what came for a streaming message. Returns at once; never raises."""
        ...

    async def save_message(self, message: ChatMessage) -> None:
        """Write a message's new state in one durable step and fold its journal."""
        ...

    async def update_conversation(self, id_: str, changes: ConversationChanges) -> None:
        """Write some fields of a conversation in one durable step."""
        ...

    async def update_messages(self, changes: Mapping[str, MessageChanges]) -> None:
        """Write some fields of messages that have ended, in one durable step.

        Args:
            changes: message id → its fields; unknown ids, and what is streaming, are passed over.
        """
        ...

    async def mark_messages(
        self, conversation: str, marks: Mapping[str, Extent], at: float
    ) -> None:
        """Write in one durable step how much is deleted at some messages of a conversation.

        Args:
            conversation: their conversation.
            marks: message id → what is deleted there from now on; "" brings it back.
            at: the time, in seconds since 1970, from which on they wait to be purged.
        """
        ...

    async def flags(self, conversation: str) -> Mapping[str, Flags]:
        """The messages of a conversation that are pinned or excluded; no others, no text is read.

        Cheap in conversations of any length.
        """
        ...

    async def texts(self, ids: Sequence[str]) -> list[MessageText]:
        """What can be searched of messages, in the order asked for; unknown ids passed over.

        Much cheaper than `messages`: nothing but text is read.
        """
        ...

    async def recent_prompts(self, limit: int = 200) -> list[str]:
        """What the user wrote last, in all conversations, the newest first, nothing twice."""
        ...

    async def save_attachments(self, attachments: "Sequence[Attachment]") -> None:
        """Keep bytes in one durable step, before the message or draft that names them.

        What is there already stays. What no message and no draft names is removed after a day.
        """
        ...

    async def attachment(self, sha256: str) -> "Attachment | None":
        """The bytes of a hash; None where there are none."""
        ...

    def save_draft(self, conversation: str, draft: Draft) -> None:
        """Keep what is written and not sent; an empty draft is forgotten.

        Returns at once; never raises. Call it at most some times a second. It survives the death
        of the process as soon as it is written, some milliseconds later.

        Args:
            conversation: its id, or `OF_A_NEW_CONVERSATION`.
            draft: all of it.
        """
        ...

    async def draft(self, conversation: str) -> Draft:
        """What was written and not sent; empty where there is nothing."""
        ...

    async def queued_drafts(self) -> frozenset[str]:
        """The conversations in whose drafts prompts wait (`Draft.queued`); no text is given."""
        ...

    async def purge(self, before: float) -> Purged:
        """Remove for good what was deleted before a time: conversations, and messages of others.

        What follows a message that was deleted alone is stored below the one before it.
        """
        ...

    async def changed_elsewhere(self) -> bool:
        """Whether another process wrote since this was asked last."""
        ...
