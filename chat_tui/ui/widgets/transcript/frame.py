"""What stands around a message's text: its heading, its fold, calls, sources, notices, errors."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_tui.core.context import came_to_nothing
from chat_tui.core.dates import local_time
from chat_tui.core.finish_reasons import status_of
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import ActiveKeys
from chat_tui.ui.markdown import Line
from chat_tui.ui.markdown.wrap import cut_words
from chat_tui.ui.widgets.transcript.extras import (
    MAX_SOURCES,
    Picture,
    Source,
    pictures_of,
    sources_of,
)
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.offers import Offer, failed, offers_for, offers_meanwhile

_MAX_ARGUMENTS = 2_000
"""Characters of a call's arguments that are shown."""

_SHORTEST = 0.05
"""Seconds under which a duration says nothing."""

_GAP = 3
"""Cells between two actions that stand in a row."""

_LEAST_NAME = 12
"""Cells that a name keeps before the facts beside it make room."""


class MessageFrame:
    """Makes the lines around a text.

    Args:
        look: the styles.
        width: cells of a line.
        mark: shown in the heading, for example which of several versions this is.
        keys: the keys in force; None where nothing is offered, as above later messages.
    """

    def __init__(
        self, look: TranscriptLook, width: int, mark: str, keys: ActiveKeys | None = None
    ) -> None:
        self._look = look
        self._width = width
        self.mark = mark
        """See above; it may change as versions are added."""
        self._keys = keys
        self.blank = self._plain("", look.base)
        """An empty line."""

    def heading(self, message: ChatMessage) -> Line:
        """Who speaks, and the facts."""
        look, base = self._look, self._look.base
        if message.role == "user":
            name, style, muted = text("transcript.you"), look.user_name, look.muted_on_prompt
            base = look.prompt_base
        elif message.role == "assistant":
            name = clean_line(message.model, code=True) or text("transcript.assistant")
            style, muted = look.model_name, look.muted
        else:
            name, style, muted = message.role, look.muted, look.muted
        facts = self._facts(message)
        room = self._width - cell_len(facts) - 1
        if cell_len(name) > room:
            name = set_cell_size(name, max(room - 1, 0)) + "…"
        gap = max(self._width - cell_len(name) - cell_len(facts), 0)
        segments = [Segment(name, style), Segment(" " * gap, base), Segment(facts, muted)]
        return Line(Strip(segments), name, 0, "\n\n")

    def fold(self, message: ChatMessage, *, unfolded: bool) -> Line:
        """The line that stands for the reasoning, or above it."""
        label = ("▾ " if unfolded else "▸ ") + text("transcript.reasoning")
        if message.usage and message.usage.reasoning_tokens:
            label += " · " + text("transcript.tokens", tokens=message.usage.reasoning_tokens)
        return self._plain(label, self._look.muted + Style(meta={"fold": True}))

    def tail(
        self,
        message: ChatMessage,
        *,
        has_text: bool,
        has_reasoning: bool,
        hidden: int = 0,
        note: str = "",
        offered: Sequence[str] = (),
    ) -> list[Line]:
        """Calls, sources, notices, how it ended, what can be done, and a blank.

        Args:
            message: as far as it is known.
            has_text: whether any text is shown above.
            has_reasoning: whether there is any reasoning.
            hidden: characters that were dropped because they would mislead.
            note: what there is to say while it does not go on.
            offered: the ids of the actions that help then.
        """
        lines: list[Line] = []
        for call in message.tool_calls:
            name = clean_line(call.name, code=True)
            arguments = clean_line(call.arguments[:_MAX_ARGUMENTS], code=True)
            look = self._look
            lines += self._card(f"⚙ {name}", arguments or "{}", look.card, look.card_muted)
        if message.status == "streaming":
            waits = not has_text and not message.tool_calls
            if waits or offered:
                key = "transcript.thinking" if has_reasoning else "transcript.waiting"
                lines += self._wrapped(note or text(key), self._look.muted)
                if self._keys is not None:
                    lines += self._offers(offers_meanwhile(offered, self._keys))
        else:
            lines += self._extras(message, after_text=has_text)
            if hidden:
                lines += self._wrapped(text("transcript.hidden", count=hidden), self._look.muted)
            lines += self._ending(message, has_text=has_text)
            lines += self._remedies(message, note, offered)
        return [*lines, self.blank]

    def _extras(self, message: ChatMessage, *, after_text: bool) -> list[Line]:
        """Pictures and sources."""
        look, pictures, sources = self._look, pictures_of(message), sources_of(message)
        lines: list[Line] = []
        if (pictures or sources) and after_text:
            lines.append(self.blank)
        lines += [self._plain(_picture_words(picture), look.muted) for picture in pictures]
        if sources:
            lines.append(self._plain(text("transcript.sources"), look.muted))
        for number, source in enumerate(sources[:MAX_SOURCES], 1):
            link = Style(meta={"link": source.url})
            lines.append(self._plain(_source_words(number, source), look.muted + link))
        if (more := len(sources) - MAX_SOURCES) > 0:
            lines.append(self._plain(text("transcript.more-sources", count=more), look.muted))
        if lines and (failed(message) or message.notices or message.refusal):
            lines.append(self.blank)
        return lines

    def _ending(self, message: ChatMessage, *, has_text: bool) -> list[Line]:
        look, lines = self._look, list[Line]()
        for notice in message.notices:
            lines += self._wrapped("· " + clean_line(notice.message), look.muted)
        if message.refusal:
            title = text("transcript.refused")
            lines += self._card(title, clean(message.refusal), look.warning, look.card)
        if message.error is not None:
            title = text(f"transcript.status.{message.status}")
            body = "\n".join(filter(None, (message.error.message, message.error.hint)))
            style = look.error if message.status == "error" else look.warning
            return [*lines, *self._card(title, clean(body), style, look.card)]
        if message.status in ("stopped", "length", "filtered", "interrupted"):
            lines += self._wrapped(text(f"transcript.status.{message.status}"), look.muted)
        elif not (has_text or message.tool_calls or message.refusal or pictures_of(message)):
            lines.append(self._plain(text("transcript.empty"), look.muted))
        if message.finish_reason and status_of(message.finish_reason) is None:
            reason = clean_line(message.finish_reason, code=True)
            lines += self._wrapped(text("transcript.ended-with", reason=reason), look.muted)
        return lines

    def _remedies(self, message: ChatMessage, note: str, offered: Sequence[str]) -> list[Line]:
        """What can be done, below the card where there is one; what is waited for meanwhile."""
        if self._keys is None:
            told = text("transcript.not-sent") if came_to_nothing(message) else ""
            return [*self._wrapped(told, self._look.muted)] if told else []
        look, style = self._look, None
        if message.error is not None or message.refusal:
            style = look.error if message.status == "error" else look.warning
        if note and style is not None:
            return [
                *self._card("", note, style, look.card),
                *self._offers(offers_meanwhile(offered, self._keys), Segment("▌ ", style)),
            ]
        bar = Segment("▌ ", style) if style is not None else None
        return self._offers(offers_for(message, self._keys), bar)

    def _facts(self, message: ChatMessage) -> str:
        """Time, and of a reply how long it took and what it weighs."""
        facts = [self.mark] if self.mark else []
        timings, usage = message.timings, message.usage
        if timings and timings.attempts > 1:
            facts.append(text("transcript.attempts", count=timings.attempts))
        if usage and usage.completion_tokens is not None:
            facts.append(text("transcript.tokens", tokens=usage.completion_tokens))
        took = timings.ended - timings.sent if timings and timings.ended is not None else 0.0
        if took >= _SHORTEST:
            facts.append(text("transcript.seconds", seconds=f"{took:.1f}"))
        if message.created:
            facts.append(local_time(message.created).strftime("%H:%M"))
        while facts and cell_len(" · ".join(facts)) > self._width - _LEAST_NAME - 1:
            facts.pop()
        return " · ".join(facts)

    def _card(self, title: str, body: str, title_style: Style, body_style: Style) -> list[Line]:
        bar = Segment("▌ ", title_style)
        room = self._width - 2
        lines: list[Line] = []
        for words, style in ((title, title_style), (body, body_style)):
            for row in _wrap(words, room):
                padded = set_cell_size(row, room)
                lines.append(Line(Strip([bar, Segment(padded, style)]), row, 2, "\n"))
        return lines

    def _offers(self, offers: Iterable[Offer], bar: Segment | None = None) -> list[Line]:
        """Actions with their keys, to be clicked too, in as many rows as they need."""
        look = self._look
        label_style = look.muted if bar is None else look.card_muted
        key_style = look.key if bar is None else look.card_key
        room = self._width - (0 if bar is None else bar.cell_length)
        rows: list[list[Segment]] = []
        used = room
        for _, key, label, run in ((*offer, Style(meta={"run": offer.action})) for offer in offers):
            key, label = (
                (f"{key} " if key else ""),
                set_cell_size(label, min(cell_len(label), room)),
            )
            cells = cell_len(key) + cell_len(label)
            if used + cells + _GAP > room:
                rows.append([])
                used = -_GAP
            else:
                rows[-1].append(Segment(" " * _GAP, label_style))
            used += cells + _GAP
            rows[-1] += [Segment(key, key_style + run), Segment(label, label_style + run)]
        return [self._row(row, label_style, bar) for row in rows]

    def _row(self, row: Sequence[Segment], style: Style, bar: Segment | None) -> Line:
        words = "".join(segment.text for segment in row)
        start = 0 if bar is None else bar.cell_length
        padding = Segment(" " * max(self._width - start - cell_len(words), 0), style)
        strip = Strip([*([] if bar is None else [bar]), *row, padding])
        return Line(strip.crop(0, self._width), words, start, "\n")

    def _wrapped(self, words: str, style: Style) -> Sequence[Line]:
        return [self._plain(row, style) for row in _wrap(words, self._width)]

    def _plain(self, words: str, style: Style) -> Line:
        if cell_len(words) > self._width:
            words = set_cell_size(words, self._width - 1) + "…"
        return Line(Strip([Segment(set_cell_size(words, self._width), style)]), words, 0, "\n")


def _wrap(words: str, width: int) -> list[str]:
    """Plain words as rows of at most so many cells."""
    return [row[cut.start : cut.end] for row in words.split("\n") for cut in cut_words(row, width)]


def _source_words(number: int, source: Source) -> str:
    url = clean_line(source.url, code=True)
    if title := clean_line(source.title).strip():
        return text("transcript.source", number=number, title=title, url=url)
    return text("transcript.source-untitled", number=number, url=url)


def _picture_words(picture: Picture) -> str:
    kind = clean_line(picture.media_type, code=True) or text("transcript.picture-kind")
    facts = [clean_line(picture.url, code=True) or kind]
    if picture.size is not None:
        facts.append(text("transcript.size", size=max(round(picture.size / 1000), 1)))
    return text("transcript.picture", facts=", ".join(facts))
