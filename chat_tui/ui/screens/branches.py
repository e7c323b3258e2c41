"""The branches of a conversation as an outline: where it branches, what was said, jump anywhere."""

from collections.abc import Awaitable, Sequence
from datetime import date
from functools import partial
from typing import ClassVar, Protocol

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, Static

from chat_tui.core.conversation import ConversationTree
from chat_tui.core.dates import local_time
from chat_tui.core.messages import ChatMessage
from chat_tui.core.outline import OutlineRow, OutlineTexts, outline
from chat_tui.core.plain_text import seen_markdown
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import has_text, text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.actions import active_keys, screen_bindings
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.action_hints import ActionHints, hints_of
from chat_tui.ui.widgets.clean_input import CleanInput
from chat_tui.ui.widgets.outline import OutlineView, RowFacts

_FIRST_WORDS = 300
"""Characters of a message that are looked at for a row; no terminal is wider."""

_TEXT_PAGE = 200
"""Messages whose texts are read at once for the filter."""


class BranchWork(Protocol):
    """What the outline can do with the conversation; each tells of it as a toast."""

    async def delete(self, chat: OpenConversation, id_: str, *, branch: bool) -> None:
        """Delete a message, or it and all that follows."""
        ...

    async def restore(self, chat: OpenConversation, id_: str) -> None:
        """Bring a deleted message back into sight."""
        ...

    async def undo_here(self, chat: OpenConversation) -> None:
        """Take back the last change of the conversation."""
        ...

    async def redo_here(self, chat: OpenConversation) -> None:
        """Do again what was undone last in the conversation."""
        ...


class FavouriteWork(Protocol):
    """What the outline can do with the favourite path."""

    def leaf(self, chat: OpenConversation) -> str | None:
        """The last message of the favourite path."""
        ...

    async def toggle_through(self, chat: OpenConversation, id_: str) -> None:
        """Mark the path through a message as the favourite one, or unmark it, and tell of it."""
        ...


class BranchesScreen(ActionDialog[str | None]):
    """Shows all branches; gives the message to go to, None where it is to stay.

    Args:
        chat: whose branches they are.
        branches: changes them.
        favourites: reads and changes the favourite path.
        now: seconds since 1970, for the times.
        at: the message to begin at.
    """

    SCOPE = "branches"
    BINDINGS: ClassVar[list[BindingType]] = [*screen_bindings("branches")]
    DEFAULT_CSS: ClassVar[str] = """
    BranchesScreen {
        background: $background;
        & > #branches-title {
            height: 1; padding: 0 1; background: $surface; text-style: bold;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & > CleanInput { display: none; height: 1; background: $panel; padding: 0 1; }
        &.-filtering > CleanInput { display: block; }
        & > OutlineView { margin: 0 1; }
        & > ActionHints { background: $surface; padding: 0 1; }
    }
    """

    view = query_one(OutlineView)
    filter = query_one(CleanInput)

    def __init__(
        self,
        chat: OpenConversation,
        branches: BranchWork,
        favourites: FavouriteWork,
        now: float,
        at: str | None,
    ) -> None:
        super().__init__()
        self._chat = chat
        self._branches = branches
        self._favourites = favourites
        self._today = local_time(now).date()
        self._begin_at = at
        self._rows: list[OutlineRow] = []
        self._with_deleted = not chat.tree.shown
        self._texts = OutlineTexts()
        self._found: list[OutlineRow] | None = None

    def compose(self) -> ComposeResult:
        """The title, a line for the filter, the outline, and the keys."""
        yield Static("", id="branches-title", markup=False)
        yield CleanInput(placeholder=text("branches.filter"))
        yield OutlineView()
        yield ActionHints()

    def on_mount(self) -> None:
        """Show the active path, with the mark on the message that was looked at."""
        self.view.focus()
        self._read_tree(self._begin_at or self._chat.tree.head)

    @property
    def filtering(self) -> bool:
        """Whether a filter is being written, or in force."""
        return self.has_class("-filtering")

    @property
    def on_deleted(self) -> bool:
        """Whether the marked message is deleted."""
        return self.view.marked is not None and self.view.marked.deleted

    # Showing

    def _read_tree(self, marked: str | None, *, keep_place: bool = False) -> None:
        """Show the tree as it is now."""
        self._rows = outline(self._chat.tree, with_deleted=self._with_deleted)
        self.view.favourite = self._favourites.leaf(self._chat)
        words = self.filter.value.strip() if self.filtering else ""
        if words:
            self._filter(words, marked)
        else:
            self._show(self._rows, marked, keep_place=keep_place)

    def _show(
        self, rows: Sequence[OutlineRow], marked: str | None, *, keep_place: bool = False
    ) -> None:
        found = rows is self._found
        # Where the marked message is gone, what has come to its place is marked.
        lost = 0 if found else self.view.at
        at = next((index for index, row in enumerate(rows) if row.id == marked), lost)
        excerpt = partial(self._texts.excerpt, words=self.filter.value) if found else None
        self.view.show(rows, at, excerpt, keep_place=keep_place)
        self._show_title()
        self._show_keys()

    def _show_title(self) -> None:
        tree = self._chat.tree
        title = clean_line(self._chat.conversation.title) or text("list.untitled")
        counted = text("branches.counted", messages=tree.shown, leaves=_leaves(tree))
        if gone := len(tree) - tree.shown:
            counted += text("branches.deleted", count=gone)
        if self._found is not None:
            counted = text("branches.found", count=len(self._found), all=len(self._rows))
        line = Content.assemble(title, (f"  {counted}", "$text-muted not bold"))
        self.query_one("#branches-title", Static).update(line, layout=False)

    @on(OutlineView.Moved)
    def _show_keys(self) -> None:
        """Show what can be done with the marked row."""
        self.query_one(ActionHints).show(hints_of(self, self.SCOPE))

    @on(OutlineView.FactsWanted)
    def load_facts(self, event: OutlineView.FactsWanted) -> None:
        """Read the messages of rows that came into view."""
        self._load_facts(event.ids)

    @work(name="facts", exit_on_error=False)
    async def _load_facts(self, ids: tuple[str, ...]) -> None:
        try:
            messages = await self._chat.messages(ids)
        except BaseException:
            # They are asked for again when they are drawn the next time.
            self.view.forget()
            raise
        self.view.supply({each.id: _facts(each, self._today) for each in messages})

    # Finding

    def action_filter(self) -> None:
        """Write words that a message must have to be shown."""
        self.add_class("-filtering")
        self.filter.focus()
        self._load_texts()

    @work(name="texts", exclusive=True, exit_on_error=False)
    async def _load_texts(self) -> None:
        ids = [node.id for node in self._chat.tree.stored() if node.id not in self._texts]
        for at in range(0, len(ids), _TEXT_PAGE):
            for found in await self._chat.store.texts(ids[at : at + _TEXT_PAGE]):
                self._texts.add(found.id, found.text)
        if self.filter.value.strip():
            self._filter(self.filter.value, self._marked_id)

    @on(Input.Changed)
    def find(self, event: Input.Changed) -> None:
        """Show the messages that hold all of the words."""
        if event.value.strip():
            self._filter(event.value, self._marked_id)
        elif self._found is not None:
            self._found = None
            self._show(self._rows, self._marked_id)

    def _filter(self, words: str, marked: str | None) -> None:
        self._found = self._texts.matching(self._rows, words)
        self._show(self._found, marked)

    @property
    def _marked_id(self) -> str | None:
        return self.view.marked.id if self.view.marked is not None else None

    # Moving

    def action_outline(self, motion: str, step: int) -> None:
        """Move through the outline: `move_by`, `move_pages`; from the filter too."""
        getattr(self.view, motion)(step)

    def action_jump(self) -> None:
        """Go to the marked message."""
        if self.on_deleted:
            key = active_keys(self).shown("branches-restore")
            self.app.notify(text("branches.is-deleted", key=key), timeout=4, markup=False)
        elif self.view.marked is not None:
            self.dismiss(self.view.marked.id)

    @on(OutlineView.Chosen)
    @on(Input.Submitted)
    def go_to_chosen(self, event: Message) -> None:
        """Go to the row that was clicked twice, or found."""
        event.stop()
        self.action_jump()

    def action_leave(self) -> None:
        """Leave the filter, then the outline."""
        if not self.filtering:
            self.dismiss(None)
            return
        marked = self._marked_id
        self.remove_class("-filtering")
        self.view.focus()
        self._found = None
        with self.prevent(Input.Changed):
            self.filter.value = ""
        self._show(self._rows, marked)

    # Changing

    def action_toggle_deleted(self) -> None:
        """Show what was deleted too, or hide it."""
        self._with_deleted = not self._with_deleted
        self._read_tree(self._marked_id)

    async def action_delete(self, branch: bool) -> None:
        """Delete the marked message, or it and all that follows."""
        if self.view.marked is not None and not self.on_deleted:
            await self._change(
                self._branches.delete(self._chat, self.view.marked.id, branch=branch)
            )

    async def action_restore(self) -> None:
        """Bring the marked message back."""
        if self.view.marked is not None and self.on_deleted:
            await self._change(self._branches.restore(self._chat, self.view.marked.id))

    async def action_undo(self) -> None:
        """Take the last change back."""
        await self._change(self._branches.undo_here(self._chat))

    async def action_redo(self) -> None:
        """Do again what was undone."""
        await self._change(self._branches.redo_here(self._chat))

    async def action_toggle_favourite(self) -> None:
        """Mark the path through this message as the favourite one, or unmark it."""
        if self.view.marked is not None and not self.on_deleted:
            await self._change(self._favourites.toggle_through(self._chat, self.view.marked.id))

    async def _change(self, change: Awaitable[None]) -> None:
        await change
        self._read_tree(self._marked_id, keep_place=True)


def _leaves(tree: ConversationTree) -> int:
    """How many ways through the conversation there are, of what is not deleted."""
    return sum(not tree.children(node.id) for node in tree)


def _facts(message: ChatMessage, today: date) -> RowFacts:
    """What a row tells of a message."""
    if message.role == "user":
        who = text("transcript.you")
    else:
        who = clean_line(message.model, code=True) or text("transcript.assistant")
    words = message.text[:_FIRST_WORDS]
    words = clean_line(words if message.role == "user" else seen_markdown(words))
    status = f"transcript.status.{message.status}"
    if not words and has_text(status):
        words = text(status)
    when = local_time(message.created)
    shown = when.strftime("%H:%M" if when.date() == today else "%Y-%m-%d")
    return RowFacts(message.role, who, words, shown)
