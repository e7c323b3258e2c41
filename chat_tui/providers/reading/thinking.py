"""Splits `<think>…</think>` at the beginning of an answer's text off as reasoning."""

import re

_CLOSINGS = {
    opening: re.compile(re.escape(f"</{opening[1:]}"), re.IGNORECASE | re.ASCII)
    for opening in ("<think>", "<thinking>", "<thought>")
}
"""The tags of Hugging Face's router, Groq and llama.cpp, of some tunings, and of Gemini."""
_MAX_HELD = 1000
"""Characters of white space before a tag; more begin an answer."""

Piece = tuple[bool, str]
"""Whether it is reasoning, and the text."""


class ThinkSplitter:
    """Splits a text that comes in pieces; any split of it gives the same in the end.

    Only a tag at the very beginning counts (white space before it is allowed): further on it is
    something that the answer talks about. White space after either tag is dropped. What no
    closing tag ends is reasoning.
    """

    def __init__(self) -> None:
        self.passing = False
        """Whether all that may still come is the answer: then there is no need to ask here."""
        self._closing: re.Pattern[str] | None = None
        self._close_tag = ""
        self._held = ""
        self._at_start = True
        """Of the text, of the reasoning, or of the answer after it."""
        self._closed = False

    @property
    def undecided(self) -> bool:
        """Whether a tag may still begin."""
        return not (self.passing or self._closed or self._closing is not None)

    def feed(self, text: str) -> list[Piece]:
        """Take more text and give what can be told of it now."""
        if self.passing:
            return [(False, text)]
        text, self._held = self._held + text, ""
        if self._closing is not None:
            return self._inside(text)
        if self._closed:
            return self._after(text)
        return self._before(text)

    def close(self) -> list[Piece]:
        """Give what was held back, at the end of the text."""
        held, self._held = self._held, ""
        return [(self._closing is not None, held)] if held and not self._closed else []

    def _before(self, text: str) -> list[Piece]:
        bare = text.lstrip()
        # A tag is looked for in a bounded piece: lower() may change the length of other text.
        beginning = bare[:10].lower()
        if len(text) - len(bare) <= _MAX_HELD:
            for opening, closing in _CLOSINGS.items():
                if beginning.startswith(opening):
                    self._closing = closing
                    self._close_tag = f"</{opening[1:]}"
                    return self._inside(bare[len(opening) :])
            if any(tag.startswith(beginning) for tag in _CLOSINGS):
                self._held = text
                return []
        self.passing = True
        return [(False, text)]

    def _inside(self, text: str) -> list[Piece]:
        assert self._closing is not None  # noqa: S101 - who calls this has looked
        if self._at_start:
            text = text.lstrip()
        if match := self._closing.search(text):
            self._closing = None
            self._closed = True
            thought, rest = text[: match.start()], text[match.end() :]
            return self._pieces(thought) + self._after(rest)
        # Part of the closing tag may be at the end.
        at = text.rfind("<", max(len(text) - len(self._close_tag) + 1, 0))
        if at >= 0 and self._close_tag.startswith(text[at:].lower()):
            text, self._held = text[:at], text[at:]
        self._at_start = self._at_start and not text
        return self._pieces(text)

    def _after(self, text: str) -> list[Piece]:
        text = text.lstrip()
        if not text:
            return []
        self.passing = True
        return [(False, text)]

    @staticmethod
    def _pieces(thought: str) -> list[Piece]:
        return [(True, thought)] if thought else []
