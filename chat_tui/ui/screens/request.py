"""The next request as it would be sent: message by message, to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from chat_tui.core.context.assembly import assemble
from chat_tui.core.context.joining import joined_of
from chat_tui.core.context.plan import DRAFT
from chat_tui.core.context.wording import picture_words
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, Part, TextPart, part_text
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import screen_bindings
from chat_tui.ui.screens.context_work import ContextView
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.text_lines import Line, TextLines
from chat_tui.ui.widgets.transcript.sending import message_count

Attached = ImagePart | FilePart

_MOST = 200_000
"""Characters of a document that are shown: folded in some 20 ms."""


class RequestScreen(ActionDialog[None]):
    """Shows exactly what a server would be told; nothing can be changed here.

    Args:
        messages: as they are put together.
        view: what is known of the request.
        weights: what pictures and documents in it weigh, in clean words.
    """

    SCOPE = "request"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("request")]
    DEFAULT_CSS: ClassVar[str] = """
    RequestScreen {
        background: $background;
        & > Static { height: 1; padding: 0 1; background: $surface; text-style: bold; }
        & > TextLines { padding: 0 1; }
        & > ActionHints { padding: 0 1; background: $surface; }
    }
    """

    def __init__(
        self,
        messages: Sequence[ChatMessage],
        view: ContextView,
        weights: Mapping[Attached, str] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._weights = weights
        self._messages = messages
        self._outlook = view.outlook

    def compose(self) -> ComposeResult:
        """What it is, its messages, and the keys."""
        outlook = self._outlook
        about = "≈" if outlook.approximate else ""
        tokens = text("request.tokens", tokens=f"{about}{outlook.used + outlook.draft:,}")
        told = f"  {message_count(len(self._messages))} · {tokens}"
        title = Content.assemble(text("request.title"), (told, "$foreground 60% not bold"))
        yield Static(title, id="request-title", markup=False)
        yield TextLines()
        yield ActionHints(hints_of(self, self.SCOPE))

    def on_mount(self) -> None:
        """Show the messages."""
        lines = self.query_one(TextLines)
        lines.focus()
        lines.show(request_lines(self._messages, self._weights))


async def messages_of(chat: OpenConversation, view: ContextView) -> tuple[ChatMessage, ...]:
    """The messages of a request as it would be sent now; none where it cannot be sent.

    Raises:
        StorageError: they cannot be read.
    """
    plan = view.outlook.plan
    if plan.refused:
        return ()
    draft = ChatMessage(DRAFT, "user", view.draft.parts)
    found = await chat.messages([each.id for each in plan.sent if each.id not in ("", DRAFT)])
    texts = {message.id: message for message in (*found, draft)}
    # What was removed for good meanwhile is not sent either.
    there = tuple(each for each in plan.messages if not each.id or each.id in texts)
    about, target = chat.conversation, view.target or chat.target
    own = target.system_prompt
    prompt = about.system_prompt if own is None else own
    joined = joined_of(about, chat.tree, chat.tree.path() if view.path is None else view.path)
    return assemble(replace(plan, messages=there), texts, prompt, joined)


def request_lines(
    messages: Sequence[ChatMessage], weights: Mapping[Attached, str] = MappingProxyType({})
) -> list[Line]:
    """Messages as lines: who speaks as the server is told it, and all that is said.

    Args:
        messages: as they are sent.
        weights: what pictures and documents weigh, in clean words.
    """
    lines: list[Line] = []
    for message in messages:
        name = message.tool_call_id if message.role == "tool" else ""
        lines.append(Line(clean_line(f"{message.role} {name}".strip(), code=True), "title"))
        for part in message.parts:
            if not isinstance(part, TextPart) and part in weights:
                lines.append(Line(text("request.weighed", words=weights[part]), "muted"))
            lines += _part_lines(part)
        for call in message.tool_calls:
            words = text("request.calls", name=call.name, arguments=call.arguments)
            lines += _lines(words)
        lines.append(Line(""))
    return lines


def _part_lines(part: Part) -> list[Line]:
    if isinstance(part, ImagePart):
        return _lines(picture_words(part))
    words = part_text(part)
    if isinstance(part, TextPart) or len(words) <= _MOST:
        return _lines(words) if words else []
    more = text("request.more", count=f"{len(words) - _MOST:,}")
    return [*_lines(words[:_MOST]), Line(more, "muted")]


def _lines(words: str) -> list[Line]:
    return [Line(line) for line in clean(words, code=True).split("\n")]
