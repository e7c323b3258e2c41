"""The words of a column's heading, fitted into its cells: what matters least is left out first."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from chat_tui.core.figures import money, short_count
from chat_tui.core.texts import text
from chat_tui.ui.widgets.columns.facts import HeadFacts, HeadState

_SIGNS: Mapping[HeadState, str] = {
    "": "",
    "queued": "◌",
    "waiting": "○",
    "running": "▶",
    "awaited": "…",
    "done": "✓",
    "stopped": "■",
    "failed": "✗",
}
"""They tell states apart without colours too."""

STATE_STYLES: Mapping[HeadState, str] = {
    "": "",
    "queued": "$foreground 60%",
    "waiting": "$warning",
    "running": "$success",
    "awaited": "$foreground 60%",
    "done": "$foreground 60%",
    "stopped": "$warning",
    "failed": "$error",
}
_VOTES: Mapping[str, str] = {"": "", "win": "★", "tie": "=", "bad": "−"}
"""What was voted, where there is no room for words."""

_MUTED = "$foreground 60%"
_BEST = "bold $success"
_MARKED = "bold reverse $accent"
_STAR = "★"
_LEAST_TITLE = 6
"""Cells of the name that are seen before the state is cut."""

_LEAST_OF_TWINS = 4
"""Cells of a name that others have as well: fewer would tell nothing."""

_LEAST_OF_TAB = 3
"""Cells of a name in a tab: fewer would tell nothing."""

_BOTH_ENDS = 8
"""Cells from which on a name that is cut keeps its end too: versions stand there."""


class Bit(NamedTuple):
    """A piece of a line, in as many forms as there are, the widest first."""

    forms: tuple[str, ...]
    style: str = ""
    rank: int = 0
    """The highest ones give way first; 0 never does."""
    joint: str = " · "
    """What stands before it, unless it is the first one."""


def first_line(facts: HeadFacts, width: int, *, marked: bool, alone: bool = False) -> Content:
    """Number, name, what it is asked with; on the right how its answer stands.

    Args:
        facts: of the column.
        width: cells.
        marked: whether the keyboard means this column.
        alone: whether there is no second line, so that figures stand here as far as they fit.
    """
    chip = f" {facts.number} "
    room = width - cell_len(chip) - 1
    name = facts.hidden or facts.title or text("transcript.assistant")
    state = _fitting_state(facts, room - _least(facts, name) - 1)
    room -= state.cell_length + 1 if state else 0
    # Reversed, as its tab is: colours alone do not tell it where there are few or none.
    left = _name(facts, name, room, _MARKED if marked else "bold $foreground")
    line = Content.styled(chip, _MARKED if marked else "reverse $foreground 60%")
    line += Content.styled(" ", _MARKED if marked else "") + left
    free = width - line.cell_length - state.cell_length
    if alone and not facts.hidden:
        chosen = text("columns.chosen") if facts.chosen else ""
        bits = [
            Bit((_verdict(facts),), _BEST, 1),
            Bit((chosen,), "bold $accent", 1),
            *_figures(facts),
        ]
        figures = fitted(bits, free - 4)
        if figures:
            line += "  " + figures
            free -= figures.cell_length + 2
    return line + " " * max(free, 0) + state


def _least(facts: HeadFacts, name: str) -> int:
    """The cells of name and hint that are seen before the state is cut."""
    others = [] if facts.hidden or not facts.twin else [facts.hint, facts.provider]
    least = _LEAST_OF_TWINS if any(others) else _LEAST_TITLE
    return min(cell_len(name), least) + sum(cell_len(each) + 1 for each in others if each)


def _fitting_state(facts: HeadFacts, room: int) -> Content:
    """Sign and words of the state: why it failed is cut, a time is left out."""
    state = _state(facts)
    if state.cell_length <= room:
        return state
    words = _cut(state.plain, max(room, 1)) if facts.told else _SIGNS[facts.state]
    return Content.styled(words, STATE_STYLES[facts.state])


def _name(facts: HeadFacts, name: str, room: int, style: str) -> Content:
    """Who it is, and what tells it from the others."""
    words = named_apart(facts, name, room)
    bits = zip(words, (style, "$warning", _MUTED), strict=True)
    return Content(" ").join(Content.styled(*bit) for bit in bits if bit[0])


def named_apart(facts: HeadFacts, name: str, room: int) -> tuple[str, str, str]:
    """Name, hint and provider in some cells: what no other column has is cut last."""
    hint, provider = ("", "") if facts.hidden else (facts.hint, facts.provider)
    if facts.twin and (hint or provider):
        hint = _cut(hint, room)
        provider = _cut(provider, room - cell_len(hint) - 1 if hint else room)
        left = room - sum(cell_len(each) + 1 for each in (hint, provider) if each)
        return _cut_inside(name, left) if left >= _LEAST_OF_TWINS else "", hint, provider
    for more in ((hint, provider), (hint, "")):
        if cell_len(name) + sum(cell_len(each) + 1 for each in more if each) <= room:
            return name, *more
    return _cut_inside(name, room), "", ""


def second_line(facts: HeadFacts, width: int) -> Content:
    """The figures; on the right what becomes of the answer."""
    if facts.hidden:
        return Content("")
    becomes = text("columns.left-out") if facts.left_out else ""
    becomes = text("columns.chosen") if facts.chosen else becomes
    told = [_verdict(facts), becomes]
    told = [each for each in told if each]
    # In all headings or in none: what they tell is compared.
    right = " · ".join(told)
    if right and cell_len(right) + 2 > width // 2:
        right = told[0]
    end = Content.styled(right, _MUTED if right == text("columns.left-out") else "bold $accent")
    if right and cell_len(right) + 2 > width // 2:
        end = Content("")
    room = width - (end.cell_length + 2 if right else 0)
    left = fitted(_figures(facts), room)
    gap = width - left.cell_length - end.cell_length
    return left + " " * max(gap, 0) + end


def tab_words(facts: HeadFacts, width: int) -> str:
    """A column in a line of tabs: number, as much of the name as fits, the sign of its state.

    With too few cells for a name it has number and sign alone, however few these are; with none
    they stand close together.
    """
    sign = _SIGNS[facts.state] + ("" if facts.hidden else _VOTES[facts.vote])
    name = facts.hidden or facts.title or text("transcript.assistant")
    room = width - len(str(facts.number)) - 3 - (1 + cell_len(sign) if sign else 0)
    told = "".join(f" {word}" for word in named_apart(facts, name, room) if word)
    told = told if room >= _LEAST_OF_TAB else ""
    if sign and width > 0:
        sign = f" {sign}"
    return f" {facts.number}{told}{sign} "


def tab_width(facts: HeadFacts) -> int:
    """The cells of a tab with the whole name."""
    return cell_len(tab_words(facts, 1_000))


def fitted(bits: Sequence[Bit], width: int) -> Content:
    """The bits in a line; those that matter least are shortened, then left out."""
    kept = [[*bit.forms] for bit in bits]
    alive = [index for index, bit in enumerate(bits) if bit.forms[0]]
    while _cells(bits, kept, alive) > width:
        pressed = [index for index in alive if bits[index].rank]
        if not pressed:
            break
        longer = [index for index in pressed if len(kept[index]) > 1]
        if longer:
            kept[max(longer, key=lambda index: bits[index].rank)].pop(0)
        else:
            alive.remove(max(pressed, key=lambda index: bits[index].rank))
    line = Content("")
    for place, index in enumerate(alive):
        bit = bits[index]
        joint = bit.joint if place else ""
        line += Content.styled(joint, _MUTED) + Content.styled(kept[index][0], bit.style)
    return line


def _verdict(facts: HeadFacts) -> str:
    """What was voted about its answer."""
    return text(f"columns.verdict.{facts.vote}") if facts.vote else ""


def _figures(facts: HeadFacts) -> list[Bit]:
    about, bits = "≈" if facts.about else "", list[Bit]()
    if facts.first_token is not None:
        seconds = text("columns.seconds", seconds=f"{facts.first_token:.1f}")
        long = text("columns.first", time=seconds)
        bits.append(_figure((long, seconds), facts.first, rank=4))
    if facts.rate is not None:
        rate = f"{facts.rate:.0f}" if facts.rate >= 10 else f"{facts.rate:.1f}"
        rate = f"{about}{rate}"
        forms = (text("columns.rate", rate=rate), text("columns.rate-short", rate=rate))
        bits.append(_figure(forms, False, rank=3))
    if facts.tokens is not None:
        count = f"{about}{short_count(facts.tokens)}"
        bits.append(_figure((text("columns.tokens", count=count),), False, rank=5))
    if facts.cost is not None:
        bits.append(_figure((money(facts.cost),), facts.cheapest, rank=2))
    return bits


def _figure(forms: tuple[str, ...], best: bool, *, rank: int) -> Bit:
    return (
        Bit(tuple(f"{_STAR} {form}" for form in forms), _BEST, rank)
        if best
        else Bit(forms, _MUTED, rank)
    )


def _state(facts: HeadFacts) -> Content:
    """Sign and words of the state."""
    told = facts.told
    if not told and facts.seconds is not None and not facts.hidden:
        told = text("columns.seconds", seconds=f"{facts.seconds:.1f}")
    words = " ".join(filter(None, (_SIGNS[facts.state], told)))
    if facts.fastest and not facts.hidden:
        return Content.styled(f"{_STAR} {words}", _BEST)
    return Content.styled(words, STATE_STYLES[facts.state])


def _cells(bits: Sequence[Bit], kept: list[list[str]], alive: list[int]) -> int:
    joints = sum(cell_len(bits[index].joint) for _, index in pairwise(alive))
    return joints + sum(cell_len(kept[index][0]) for index in alive)


def _cut(words: str, width: int) -> str:
    if cell_len(words) <= width:
        return words
    return set_cell_size(words, max(width - 1, 0)).rstrip() + "…" if width > 0 else ""


def _cut_inside(words: str, width: int) -> str:
    """A name of which both ends are kept where there is room for them."""
    if cell_len(words) <= width or width < _BOTH_ENDS:
        return _cut(words, width)
    start = set_cell_size(words, width // 2).rstrip()
    tail = width - 1 - cell_len(start)
    end = next(words[at:] for at in range(len(words)) if cell_len(words[at:]) <= tail)
    return f"{start}…{end}"
