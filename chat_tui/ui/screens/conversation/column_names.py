"""What the columns are called: the models, and what tells two of them apart."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chat_tui.core.safety import clean_line
from chat_tui.core.side_by_side.board import MERGED
from chat_tui.core.side_by_side.threads import Column, told_to
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.backend import Backend

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.pane_row import Pane
    from chat_tui.ui.screens.conversation.view import ConversationView

_SHORT = {
    "temperature": "t",
    "top_p": "p",
    "reasoning_effort": "effort",
    "max_tokens": "max",
    "max_completion_tokens": "max",
}
"""Parameters by what people call them where there is little room."""

_LONGEST = 14
"""Characters of a parameter's value that are shown."""


class ColumnName(NamedTuple):
    """Who stands in a column. Words are clean."""

    number: int
    title: str
    provider: str
    """Only where another column has a model of that name elsewhere."""
    hint: str
    """What it is asked with otherwise than others; which of several answers it is."""
    chosen: bool
    """Whether its newest answer is gone on with."""
    left_out: bool
    """Whether the models are not told that answer."""
    twin: bool
    """Whether another column has a model of that name."""


def show_names(screen: "ConversationView", chat: OpenConversation, panes: Sequence["Pane"]) -> None:
    """Tell in all headings who it is; letters while nobody is to know."""
    alias = screen.comparing.alias
    columns, answers = [pane.column for pane in panes], [_answer_of(pane) for pane in panes]
    names = named(chat, columns, answers, screen.session.backend)
    for pane, name in zip(panes, names, strict=True):
        pane.transcript.disguise(alias)
        facts = replace(
            pane.head,
            number=name.number,
            title=name.title,
            provider=name.provider,
            hint=name.hint,
            chosen=name.chosen,
            left_out=name.left_out,
            twin=name.twin,
            hidden=screen.comparing.name_of(pane.column.slot),
        )
        pane.show_head(facts)


def _answer_of(pane: "Pane") -> str | None:
    """The answer with which a column ends; summaries may follow it."""
    column = pane.transcript.column
    for index in range(len(column) - 1, -1, -1):
        node = column.node(index)
        if node.role in ("user", "assistant"):
            return node.id if node.role == "assistant" else None
    return None


def named(
    chat: OpenConversation,
    columns: Sequence[Column],
    answers: Sequence[str | None],
    backend: Backend,
) -> Sequence[ColumnName]:
    """What all columns are called, from left to right.

    Args:
        chat: the conversation.
        columns: those that it has.
        answers: of each the answer with which it ends, whosever that is.
        backend: knows how providers are called.
    """
    conversation = chat.conversation
    targets = {each.slot: conversation.targets[each.slot] for each in columns if each.slot >= 0}
    tree, board = chat.tree, conversation.board
    active = set(tree.path())
    # Where each has its own thread, each is told its own answer.
    told = active if board.sharing == "own" else {*told_to(conversation, tree, board.slots[0])}
    several = len({column.slot for column in columns}) > 1
    titles = [_title(column, targets.get(column.slot)) for column in columns]
    names = []
    for number, (column, answer) in enumerate(zip(columns, answers, strict=True), 1):
        own = answer is not None and tree[answer].slot == column.slot
        is_chosen = own and answer in active and len(columns) > 1
        target = targets.get(column.slot)
        names.append(
            ColumnName(
                number,
                titles[number - 1],
                "" if target is None else _provider(target, targets.values(), backend),
                _hint(column, target, [*targets.values()], several=several),
                is_chosen,
                own and board.sharing != "own" and answer not in told,
                titles.count(titles[number - 1]) > 1,
            )
        )
    return names


def _title(column: Column, target: Target | None) -> str:
    if column.slot == MERGED or target is None:
        return text("columns.merged")
    return clean_line(target.model, code=True)


def _provider(target: Target, others: Iterable[Target], backend: Backend) -> str:
    elsewhere = any(
        each.model == target.model and each.provider != target.provider for each in others
    )
    return clean_line(backend.label(target.provider)) if elsewhere else ""


def _hint(column: Column, target: Target | None, all_: Sequence[Target], *, several: bool) -> str:
    if not several and column.slot != MERGED:
        return text("columns.choice", number=column.choice + 1)
    if target is None:
        return ""
    names = dict.fromkeys(name for each in all_ for name in each.parameters)
    names.pop("n", None)  # Several models are asked for one answer each.
    other = [name for name in names if _differs(name, all_)]
    hints = [
        f"{_SHORT.get(name, name)}={_short(target.parameters[name])}"
        for name in other
        if name in target.parameters
    ]
    if target.system_prompt is not None:
        hints.append(text("columns.own-prompt"))
    return clean_line(" ".join(hints), code=True)


def _differs(name: str, targets: Sequence[Target]) -> bool:
    values = [each.parameters.get(name) for each in targets]
    return any(value != values[0] for value in values)


def _short(value: object) -> str:
    words = str(value)
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
