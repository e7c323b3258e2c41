"""Going on with a reply that was cut: what the model is asked, and how the two parts are joined."""

from dataclasses import replace

from chat_tui.core.events import ReasoningDelta, ReplyEvent, TextDelta, TurnEvent
from chat_tui.core.journal import Journal
from chat_tui.core.messages import ChatMessage
from chat_tui.core.reply import IncomingReply

CONTINUE_REQUEST = (
    "Your last answer was cut off. Go on exactly where it ended, even in the middle of a word, a "
    "sentence or a block of code. Repeat nothing, and add no introduction and no comment."
)
"""What a model is asked after its cut answer; it is sent, never stored."""

MAX_OVERLAP = 400
"""Characters of the end of a text that its continuation may repeat."""

_SURE = 12
"""Cells from which on a repetition is no chance, wherever it begins."""

_SENTENCE_ENDS = (".", "!", "?")


def can_continue(message: ChatMessage) -> bool:
    """Whether a reply was cut and has text to go on from."""
    cut = message.role == "assistant" and message.status in ("length", "interrupted", "stopped")
    return cut and bool(message.text.strip())


class Joiner:
    """Joins the continuation of a text to it, without what the continuation repeats.

    The beginning of the continuation is held back until it is clear how much of it repeats the
    end of the text; nothing else is changed but the white space at the joint. Any split of the
    continuation gives the same result.

    Args:
        text: what there is already.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._tail = text[-MAX_OVERLAP:]
        self._held = ""
        self._open = True

    def feed(self, delta: str) -> str:
        """Take more of the continuation; gives what is to be added to the text now."""
        if not self._open:
            return delta
        self._held += delta
        return "" if self._undecided() else self.close()

    def close(self) -> str:
        """Give what is still held back: there is no more, or it is clear where it belongs."""
        if not self._open:
            return ""
        self._open = False
        held, self._held = self._held, ""
        words = held.lstrip()
        if len(held) - len(words) > MAX_OVERLAP:
            return held
        if repeated := self._overlap(words):
            return words[repeated:]
        return _spaced(self._text, held)

    def _undecided(self) -> bool:
        """Whether more of the continuation could make the repetition longer."""
        words = self._held.lstrip()
        if not words:
            return len(self._held) <= MAX_OVERLAP
        at = self._tail.find(words)
        return at >= 0 and at + len(words) < len(self._tail)

    def _overlap(self, words: str) -> int:
        """Characters at the beginning of the continuation that the text ends with."""
        for size in range(min(len(words), len(self._tail)), 0, -1):
            if self._tail.endswith(words[:size]) and self._is_repetition(words[:size]):
                return size
        return 0

    def _is_repetition(self, words: str) -> bool:
        """Whether a common piece is said again, and does not just happen to be the same."""
        wide = sum(not character.isascii() for character in words)
        if len(words) + wide >= _SURE:
            return True
        # A word that was cut begins anew: `the la` + `lazy dog`.
        before = self._text[: -len(words)]
        begins_word = not before or before[-1].isspace()
        return begins_word and len(words) > 1 and any(map(str.isalpha, words))


def _spaced(text: str, more: str) -> str:
    """A continuation with sensible white space at the joint."""
    line = text.rpartition("\n")[2]
    if text.endswith("\n\n"):
        return more.lstrip("\n")
    if line.endswith(" ") and not line.isspace():
        return more.lstrip(" ")
    sentences = text.endswith(_SENTENCE_ENDS) and more[:1].isupper()
    return f" {more}" if sentences and text.count("```") % 2 == 0 else more


class ContinuedReply(IncomingReply):
    """Gathers the continuation of a reply behind the text that is there.

    Args:
        message: the new reply as it was stored, with the text and the reasoning of the cut one.
        sent: when the request was sent, in seconds since 1970.
        journal: gets what is added.
        asked: how many choices were asked for.
    """

    def __init__(self, message: ChatMessage, sent: float, journal: Journal, asked: int = 1) -> None:
        super().__init__(message, sent, journal, asked)
        self.has_content = True
        self._joiner = Joiner(message.text)
        self._gap = "\n\n" if message.reasoning else ""

    def take(self, event: ReplyEvent, now: float) -> TurnEvent | None:
        """Gather an event; gives it with what it adds, or None where that is nothing yet."""
        match event:
            case TextDelta(text, 0):
                text = self._joiner.feed(text)
                if not text:
                    return None
                event = replace(event, text=text)
            case ReasoningDelta(text, 0) if self._gap:
                event, self._gap = replace(event, text=self._gap + text), ""
        return super().take(event, now)

    def close(self, now: float) -> TurnEvent | None:
        """Gather what was held back, and give it."""
        text = self._joiner.close()
        return super().take(TextDelta(text), now) if text else None
