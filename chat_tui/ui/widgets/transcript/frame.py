"""What stands around a message's text: its fold, calls, sources, notices, errors."""

from collections.abc import Sequence

from rich.style import Style

from chat_tui.core.attachments.prompts import attached_to
from chat_tui.core.context.items import came_to_nothing
from chat_tui.core.errors import ErrorInfo
from chat_tui.core.extras import MAX_SOURCES, pictures_of, sources_of
from chat_tui.core.finish_reasons import status_of
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean, clean_line
from chat_tui.core.texts import text
from chat_tui.ui.markdown import Line
from chat_tui.ui.widgets.transcript.around import Around
from chat_tui.ui.widgets.transcript.calls import call_arguments, call_line, call_title
from chat_tui.ui.widgets.transcript.extras import picture_words, source_words
from chat_tui.ui.widgets.transcript.folds import Folding
from chat_tui.ui.widgets.transcript.heading import MessageHeading
from chat_tui.ui.widgets.transcript.look import TranscriptLook
from chat_tui.ui.widgets.transcript.offers import failed, offers_for, offers_meanwhile
from chat_tui.ui.widgets.transcript.rows import RowMaker, bar_of

_FOLDS = Style(meta={"fold": True})
"""A click on it folds or unfolds."""


class MessageFrame:
    """Makes the lines around a text.

    Args:
        look: the styles.
        width: cells of a line.
        around: what else is told.
    """

    def __init__(self, look: TranscriptLook, width: int, around: Around) -> None:
        self._look = look
        self._width = width
        self.around = around
        """See above."""
        self._rows = RowMaker(look, width)
        self._heading = MessageHeading(look, width)
        self.blank = self._rows.plain("", look.base)
        """An empty line."""

    def head(self, message: ChatMessage) -> list[Line]:
        """The heading, with what stands above it."""
        return self._heading.lines(message, self.around)

    def fold(self, message: ChatMessage, *, unfolded: bool) -> Line:
        """The line that stands for the reasoning, or above it."""
        label = _sign(unfolded) + text("transcript.reasoning")
        usage = message.usage
        if usage and usage.reasoning_tokens:
            label += " · " + text("transcript.tokens", tokens=usage.reasoning_tokens)
        return self._rows.plain(label, self._look.muted + _FOLDS)

    def calls(self, message: ChatMessage, *, unfolded: bool) -> list[Line]:
        """The calls of tools, a line each or laid out."""
        look, lines = self._look, list[Line]()
        for call in message.tool_calls:
            if unfolded:
                title = _sign(True) + call_title(call)
                arguments = call_arguments(call)
                lines += self._rows.card(title, arguments, look.card + _FOLDS, look.card_muted)
            else:
                lines.append(self._rows.plain(_sign(False) + call_line(call), look.muted + _FOLDS))
        return lines

    def more(self, hidden: int, *, prompt: bool) -> list[Line]:
        """The line that stands for those of the text that are hidden, if some are."""
        if not hidden:
            return []
        key = self.around.fold_key
        words = (
            text("transcript.more-line", key=key)
            if hidden == 1
            else text("transcript.more-lines", count=f"{hidden:,}", key=key)
        )
        style = self._look.muted_on_prompt if prompt else self._look.muted
        return [self._rows.plain(words, style + _FOLDS)]

    def tail(
        self,
        message: ChatMessage,
        folding: Folding,
        *,
        has_text: bool,
        has_reasoning: bool,
        hidden: int = 0,
        note: str = "",
        offered: Sequence[str] = (),
    ) -> list[Line]:
        """Sources, notices, how it ended, what can be done, and a blank.

        Args:
            message: as far as it is known.
            folding: how much of it is shown.
            has_text: whether any text is shown above.
            has_reasoning: whether there is any reasoning.
            hidden: characters that were dropped because they would mislead.
            note: what there is to say while it does not go on.
            offered: the ids of the actions that help then.
        """
        lines: list[Line] = []
        if message.status == "streaming":
            waits = not has_text and not message.tool_calls
            if waits or offered:
                key = "transcript.thinking" if has_reasoning else "transcript.waiting"
                key = "sending.summing-up" if message.covers is not None else key
                if note and self.around.alias:
                    note = text("blind.held-up")
                lines += self._rows.wrapped(note or text(key), self._look.muted)
                if self.around.keys is not None:
                    lines += self._rows.offers(offers_meanwhile(offered, self.around.keys))
        else:
            if not folding.brief:
                lines += self._extras(message, after_text=has_text)
            if hidden:
                lines += self._rows.wrapped(
                    text("transcript.hidden", count=hidden), self._look.muted
                )
            lines += self._ending(message, has_text=has_text)
            lines += self._remedies(message, note, offered)
        if self.around.sending.ends == message.id:
            lines += [self.blank, self._heading.not_sent(self.around.sending)]
        return [*lines, self.blank]

    def _extras(self, message: ChatMessage, *, after_text: bool) -> list[Line]:
        """Pictures and sources."""
        look, pictures, sources = self._look, pictures_of(message), sources_of(message)
        lines: list[Line] = []
        if (pictures or sources) and after_text:
            lines.append(self.blank)
        lines += [self._rows.plain(picture_words(picture), look.muted) for picture in pictures]
        if sources:
            lines.append(self._rows.plain(text("transcript.sources"), look.muted))
        for number, source in enumerate(sources[:MAX_SOURCES], 1):
            link = Style(meta={"link": source.url})
            lines.append(self._rows.plain(source_words(number, source), look.muted + link))
        if (more := len(sources) - MAX_SOURCES) > 0:
            lines.append(self._rows.plain(text("transcript.more-sources", count=more), look.muted))
        if lines and (failed(message) or message.notices or message.refusal):
            lines.append(self.blank)
        return lines

    def _ending(self, message: ChatMessage, *, has_text: bool) -> list[Line]:
        look, lines = self._look, list[Line]()
        for notice in message.notices:
            if self.around.alias and notice.kind != "cut":
                # It may name the model.
                continue
            style = look.alert if notice.kind == "cut" else look.muted
            lines += self._rows.wrapped("· " + clean_line(notice.message), style)
        if message.refusal:
            title = text("transcript.refused")
            lines += self._rows.card(title, clean(message.refusal), look.warning, look.card)
        if message.error is not None:
            title = text(f"transcript.status.{message.status}")
            style = look.error if message.status == "error" else look.warning
            return [*lines, *self._rows.card(title, self._reason(message.error), style, look.card)]
        if message.status in ("stopped", "length", "filtered", "interrupted"):
            lines += self._rows.wrapped(text(f"transcript.status.{message.status}"), look.muted)
        elif not (has_text or message.tool_calls or message.refusal or _shows_more(message)):
            lines.append(self._rows.plain(text("transcript.empty"), look.muted))
        if self.around.alias:
            return lines
        if message.finish_reason and status_of(message.finish_reason) is None:
            reason = clean_line(message.finish_reason, code=True)
            lines += self._rows.wrapped(text("transcript.ended-with", reason=reason), look.muted)
        return lines

    def _reason(self, error: ErrorInfo) -> str:
        """Why it went wrong: its kind alone where the words may name who answered."""
        if self.around.alias:
            return text("blind.failed", reason=text(f"sides.failed.{error.kind}"))
        return clean("\n".join(filter(None, (error.message, error.hint))))

    def _remedies(self, message: ChatMessage, note: str, offered: Sequence[str]) -> list[Line]:
        """What can be done, below the card where there is one; what is waited for meanwhile."""
        keys = self.around.keys
        if keys is None:
            told = text("transcript.not-sent") if came_to_nothing(message) else ""
            return self._rows.wrapped(told, self._look.muted) if told else []
        look, style = self._look, None
        if message.error is not None or message.refusal:
            style = look.error if message.status == "error" else look.warning
        bar = bar_of(style) if style is not None else None
        if note and style is not None:
            return [
                *self._rows.card("", note, style, look.card),
                *self._rows.offers(offers_meanwhile(offered, keys), bar),
            ]
        return self._rows.offers(offers_for(message, keys), bar)


def _shows_more(message: ChatMessage) -> bool:
    """Whether there are pictures or documents."""
    return bool(pictures_of(message) or attached_to(message))


def _sign(unfolded: bool) -> str:
    return "▾ " if unfolded else "▸ "
