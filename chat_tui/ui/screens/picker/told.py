"""The line that says what the picker lists; a click on a piece of it does what its key does."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.dom import DOMNode

from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.picker.listing import Listed, ModelList
from chat_tui.ui.widgets.action_hints import clickable
from chat_tui.ui.widgets.marked_rows import cut


class Standing(NamedTuple):
    """How things stand beside what is asked for."""

    found: int
    """Models that are listed."""
    marked: int
    """Models that were marked to go side by side."""
    loading: str = ""
    """The provider whose list is being read; clean."""
    waits: bool = False
    """Whether the first model is taken as soon as the list is there."""
    wrong: Sequence[str] = ()
    """Words that look like conditions and are none."""
    hidden: int = 0
    """Models that are there and were not looked through: those of the demo."""
    answers: bool = False
    """Whether models that were marked answer a prompt as soon as they are taken."""


def told(node: DOMNode, models: ModelList, standing: Standing, width: int) -> Content:
    """What was marked, what is asked for, and at the right how many there are.

    Args:
        node: on the screen whose keys are named.
        models: what is asked for.
        standing: how things stand.
        width: cells of the line.
    """
    count = _count(standing, len(models.rows) - standing.hidden)
    pieces = list(_pieces(node, models, standing))
    gap = Content("  ")
    while True:
        left = gap.join(pieces)
        space = width - left.cell_length - cell_len(count)
        if space >= 2 or not pieces:
            break
        if cell_len(count) <= width // 2 and len(pieces) > 1:
            pieces.pop()
        else:
            count = ""
            break
    if not count:
        return left
    return Content.assemble(left, " " * max(space, 0), (cut(count, width), "$foreground 60%"))


def _count(standing: Standing, total: int) -> str:
    if standing.waits:
        return text("picker.takes-first")
    if standing.loading:
        return text("picker.loading", provider=standing.loading)
    if standing.found < total:
        return text("picker.found", count=f"{standing.found:,}", total=f"{total:,}")
    return text("picker.one") if total == 1 else text("picker.all", count=f"{total:,}")


def _pieces(node: DOMNode, models: ModelList, standing: Standing) -> Iterator[Content]:
    """What is asked for, the most important first."""
    keys = active_keys(node)
    if standing.marked:
        take = keys.shown("models-take")
        key = "picker.marked" if standing.marked > 1 else "picker.marked-one"
        key = "picker.marked-answers" if standing.marked > 1 and standing.answers else key
        words = text(key, count=standing.marked, key=take)
        yield clickable(Content.styled(words, "$success"), "screen.take")
    if standing.wrong:
        wrong = clean_line(" ".join(standing.wrong), code=True)
        yield Content.styled(text("picker.wrong", words=wrong), "$warning")
    if models.task is not None:
        task = text("picker.for", task=text(f"picker.task.{models.task}"))
        yield _chip(task, "screen.next_task(1)")
        effort = text("picker.worth", effort=text(f"picker.effort.{models.effort}"))
        yield _chip(effort, "screen.next_effort(1)")
    if models.ability is not None:
        yield _chip(text(f"picker.can.{models.ability}"), "screen.next_ability(1)")
    if models.provider:
        label = models.label(models.provider)
        yield _chip(text("picker.at", provider=label), "screen.next_provider(1)")
    if models.order != "relevance":
        yield _chip(text(f"picker.order.{models.order}"), "screen.next_order(1)")


def why_none(models: ModelList, listed: Listed) -> str:
    """Why no model was found, in lines: what was asked for, and what nobody says; clean."""
    unsaid = listed.unsaid
    if unsaid is None:
        return ""
    asked = [clean_line(word, code=True) for word in models.words.split()]
    if models.ability is not None:
        asked.append(text(f"picker.can.{models.ability}"))
    if models.provider:
        asked.append(text("picker.at", provider=models.label(models.provider)))
    if models.task is not None:
        asked.append(text("picker.for", task=text(f"picker.task.{models.task}")))
    if not asked:
        return ""
    words = ", ".join(asked)
    if unsaid.rows:
        lines = [text("picker.none-of", count=f"{unsaid.rows:,}", asked=words)]
    else:
        lines = [text("picker.none", asked=words)]
    for name, count in unsaid._asdict().items():
        if count and name != "rows":
            lines.append(text(f"picker.unsaid.{name}", count=f"{count:,}"))
    return "\n".join(lines)


def _chip(words: str, action: str) -> Content:
    return clickable(Content.styled(f" {words} ", "$accent on $panel"), action)
