"""All that is known of a model, in lines, each value with who says it."""

from collections.abc import Iterator

from rich.cells import cell_len

from chat_tui.core.dates import local_time
from chat_tui.core.model_choices import ModelUse
from chat_tui.core.models import ABILITIES, Fact, ModelCard
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.picking.tasks import advised
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.widgets.model_table import ListedModel
from chat_tui.ui.widgets.text_lines import Line, hanging, padded

_LABEL = 15
"""Cells of what a value is called."""

_NARROW = 34
"""Cells under which who says it has a line of its own."""


def details_of(listed: ListedModel, width: int) -> list[Line]:
    """The lines about a model: its name, each value and who says it, what is kept of it.

    Args:
        listed: the model.
        width: cells of a line.
    """
    name = clean_line(listed.place.model, code=True)
    lines = [Line(name, "title")]
    row = listed.row
    if row is None:
        return [*lines, Line(""), *_folded(text("picker.not-listed"), width)]
    card = row.card
    shown = clean_line(card.name, code=True)
    called = shown if shown != name else ""
    label = clean_line(row.label or row.place.provider, code=True)
    lines += [*_folded(" · ".join(filter(None, (called, label))), width), Line("")]
    told = [*_facts(card, width), ""]
    told += [_told(label, words, "", width) for label, words in _kept(row.use)]
    if reason := listed.reason:
        told.append(_told(text("picker.suits"), reason, "", width))
    if tasks := "; ".join(_advice(row)):
        told.append(_told(text("picker.guide"), tasks, "", width))
    lines += [Line(each) for words in told for each in words.split("\n")]
    for words in _notes(row):
        lines += [Line(""), *_folded(words, width)]
    return lines


def _folded(words: str, width: int) -> list[Line]:
    """A sentence over as many lines as it needs, between its words."""
    return [Line(each, "muted") for each in hanging(words, 0, width).split("\n")]


def _facts(card: ModelCard, width: int) -> Iterator[str]:
    """What is known, a line each; the first ones also where nobody says."""
    unknown = text("picker.unknown")
    for name, fact, told, always in (
        ("window", card.window, _count, True),
        ("max-output", card.max_output, _count, False),
        ("input-price", card.input_price, _dollars, True),
        ("output-price", card.output_price, _dollars, True),
        ("cached-price", card.cached_price, _dollars, False),
        *((each, card.abilities.get(each), _yes_or_no, True) for each in ABILITIES),
        ("tokenizer", card.tokenizer, _words, False),
        ("image-rule", card.image_rule, _words, False),
        ("released", card.released, _words, False),
    ):
        label = text(f"picker.fact.{name}")
        if isinstance(fact, Fact):
            yield _told(label, told(fact.value), text(f"picker.source.{fact.source}"), width)
        elif always:
            yield _told(label, unknown, "", width)


def _told(label: str, value: str, source: str, width: int) -> str:
    """A value beside what it is called; who says it at the right."""
    begin = padded(label, _LABEL)
    room = width - cell_len(begin) - cell_len(value) - 2
    if source and width >= _NARROW and room >= cell_len(source):
        return begin + value + " " * (room - cell_len(source) + 2) + source
    words = f"{value} ({source})" if source else value
    return begin + hanging(words, _LABEL, width)


def _kept(use: ModelUse) -> Iterator[tuple[str, str]]:
    """What the user made of it, and when it was used."""
    if use.favourite:
        yield text("picker.fact.favourite"), text("picker.yes")
    used = text("picker.never")
    if use.used:
        used = f"{local_time(use.used):%Y-%m-%d %H:%M}"
        if use.times > 1:
            used = text("picker.used-times", when=used, times=f"{use.times:,}")
    yield text("picker.fact.used"), used


def _advice(row: ModelRow) -> Iterator[str]:
    """What the guide says a model is for."""
    advice = advised(row)
    for task in dict.fromkeys(task for task, _ in advice):
        efforts = (text(f"picker.effort.{effort}") for each, effort in advice if each == task)
        yield f"{text(f'picker.task.{task}')} ({', '.join(efforts)})"


def _notes(row: ModelRow) -> Iterator[str]:
    """What else is to be known before it is taken."""
    if not row.chat:
        yield text("picker.no-chat")
    if not row.active:
        yield text("picker.inactive")
    elif not row.listed:
        yield text("picker.unlisted")
    if row.near and not _is_known(row.card):
        yield text("picker.own-server")
    if row.card.catalogue_date:
        yield text("picker.catalogue-date", date=clean_line(row.card.catalogue_date))


def _is_known(card: ModelCard) -> bool:
    """Whether somebody says all that is always told."""
    told = (card.window, card.input_price, card.output_price, *map(card.abilities.get, ABILITIES))
    return None not in told


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _dollars(value: object) -> str:
    if value == 0:
        return text("picker.free")
    return f"${value:.4g}" if isinstance(value, int | float) else str(value)


def _yes_or_no(value: object) -> str:
    return text("picker.yes") if value else text("picker.no")


def _words(value: object) -> str:
    return clean_line(str(value), code=True)
