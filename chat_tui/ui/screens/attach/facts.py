"""What is known of the picture under the cursor, and what will be sent of it, in lines."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content

from chat_tui.core.attachments.media import PreparedPicture
from chat_tui.core.attachments.values import MOST_FRAMES, PictureInfo
from chat_tui.core.context.outlook import PictureCost
from chat_tui.core.figures import data_size, money
from chat_tui.core.messages import ImagePart
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.screens.attach.options import DETAILS, Audience, Options
from chat_tui.ui.widgets.action_hints import clickable
from chat_tui.ui.widgets.marked_rows import cut
from chat_tui.ui.widgets.text_lines import padded

_LABEL = 9
"""Cells of what a line is about, and of the sign of what is chosen."""

_SIGN = 2

_MUTED, _WARNS, _GOOD, _CHOSEN = "$foreground 60%", "$warning", "$success", "$accent"


class Seen(NamedTuple):
    """A picture as far as it was looked at."""

    name: str
    """Clean."""
    info: PictureInfo | None = None
    prepared: PreparedPicture | None = None
    address: str = ""
    """Where the provider fetches it; clean."""
    refused: bool = False
    """Whether it cannot be sent, which is told elsewhere."""

    @property
    def part(self) -> ImagePart | None:
        """As it would be sent, but for the detail; None while that is not known."""
        if self.address:
            return ImagePart(url=self.address)
        return self.prepared.part() if self.prepared is not None else None


def facts_of(seen: Seen, options: Options, audience: Audience, width: int) -> Content:
    """The lines about a picture: what it is, what is sent, what it weighs.

    Args:
        seen: the picture.
        options: what is done with it.
        audience: who looks at it.
        width: cells of a line.
    """
    lines = [Content.styled(cut(seen.name, width), "bold $foreground")]
    if seen.info is not None:
        lines.append(Content(cut(_measures(seen.info), width)))
        lines += _remarks(seen.info, options, width)
        lines += _becomes(seen, options, audience, width)
    if part := seen.part:
        lines += _weights(part, options, audience, width)
    return Content("\n").join(lines)


def _measures(info: PictureInfo) -> str:
    pieces = [f"{info.width:,}×{info.height:,}", info.format, data_size(info.size)]
    if info.turned:
        pieces.append(text("pictures.turned"))
    return " · ".join(pieces)


def _remarks(info: PictureInfo, options: Options, width: int) -> Iterator[Content]:
    """What is worth knowing before it is sent."""
    if info.frames > 1:
        key = "pictures.moves-long" if info.frames > MOST_FRAMES else "pictures.moves"
        count = f"{min(info.frames, MOST_FRAMES):,}"
        yield Content.styled(cut(text(key, count=count), width), _WARNS)
    if not (info.place or info.metadata):
        return
    what = "place" if info.place else "metadata"
    if options.keep_metadata:
        words, style = text(f"pictures.{what}-kept"), _WARNS if info.place else _MUTED
    else:
        words, style = text(f"pictures.{what}-out"), _GOOD if info.place else _MUTED
    yield clickable(Content.styled(cut(words, width), style), "screen.toggle_metadata")


def _becomes(seen: Seen, options: Options, audience: Audience, width: int) -> Iterator[Content]:
    """What is sent of it, and why."""
    prepared = seen.prepared
    room = width - _LABEL
    if seen.refused:
        return
    if prepared is None:
        yield _line("sent", Content.styled(text("pictures.preparing"), _MUTED), "")
    else:
        yield _line("sent", Content.styled(cut(_sent(prepared), room), "$foreground"), "")
    shrink = cut(options.shrink_words(audience.limits), room)
    yield _line("size", Content(shrink), "screen.next_side(1)")


def _sent(prepared: PreparedPicture) -> str:
    """What is sent: its pixels and bytes, where they are others than before."""
    source, size = prepared.source, len(prepared.attachment.content)
    format_ = clean_line(prepared.attachment.media_type.partition("/")[2].upper())
    pieces = [f"{prepared.width:,}×{prepared.height:,}", format_, data_size(size)]
    if not prepared.changes and size == source.size:
        return text("pictures.unchanged")
    if "turned" in prepared.changes and size > source.size:
        same = (prepared.width, prepared.height) == (source.width, source.height)
        return " · ".join([*pieces[same:], text("pictures.saved-again")])
    if "shrunk" in prepared.changes:
        pieces.append(text("pictures.smaller", share=f"{1 - size / max(source.size, 1):.0%}"))
    return " · ".join(pieces) if size < source.size else " · ".join(pieces[:3])


def _line(label: str, value: Content, action: str) -> Content:
    words = Content.assemble((padded(text(f"pictures.label.{label}"), _LABEL), _MUTED), value)
    return clickable(words, action) if action else words


def _weights(
    part: ImagePart, options: Options, audience: Audience, width: int
) -> Iterator[Content]:
    """Its tokens and cost for each detail, the chosen one marked."""
    costs = [(detail, audience.cost(replace(part, detail=detail))) for detail in DETAILS]
    rule = costs[0][1].rule
    words = text("pictures.rule", rule=clean_line(rule)) if rule else text("pictures.no-rule")
    for at, (detail, cost) in enumerate(costs):
        chosen = detail == options.detail
        sign, style = ("› ", _CHOSEN) if chosen else ("  ", "$foreground 80%")
        label = text("pictures.label.detail") if at == 0 else ""
        figures = f"{text(f'pictures.detail.{detail}'):5} {told_cost(cost)}"
        line = Content.assemble(
            (padded(label, _LABEL - _SIGN), _MUTED),
            (sign + cut(figures, width - _LABEL), style),
        )
        room = width - line.cell_length - 2
        if at == len(costs) - 1 and room >= cell_len(words):
            line = Content.assemble(line, "  ", (words, "$foreground 50%"))
        yield clickable(line, f"screen.choose_detail('{detail}')")


def told_cost(cost: PictureCost) -> str:
    """What pictures weigh and cost, in words."""
    words = text("pictures.tokens", count=f"{'' if cost.rule else '≈'}{cost.tokens:,}")
    return words if cost.cost is None else f"{words} · {money(cost.cost)}"
