"""Pastes as the terminal sends them, between brackets, kept whole.

An ESC within a paste, as in coloured output, ends it for Textual: the rest would be heard as keys,
before the paste, and each of its line ends would send a prompt.
"""

_START, _END = "\x1b[200~", "\x1b[201~"

_SHOWN_ESCAPE = "\u241b"
"""What `clean` makes of an ESC too."""


class PasteBrackets:
    """Makes escape sequences within pastes text; what is typed stays as it is."""

    def __init__(self) -> None:
        self._inside = False
        self._tail = ""
        """Within a paste what may be the beginning of its end, and is held back; else the last
        characters, which may be the beginning of one."""

    def feed(self, data: str) -> str:
        """Give what is to be read in place of what came from the terminal."""
        done: list[str] = []
        while data:
            data = self._take_paste(data, done) if self._inside else self._take_typed(data, done)
        return "".join(done)

    def _take_typed(self, data: str, done: list[str]) -> str:
        seen = self._tail + data
        at = seen.find(_START)
        if at < 0:
            done.append(data)
            self._tail = seen[1 - len(_START) :]
            return ""
        end = at + len(_START) - len(self._tail)
        done.append(data[:end])
        self._inside, self._tail = True, ""
        return data[end:]

    def _take_paste(self, data: str, done: list[str]) -> str:
        words, end, rest = (self._tail + data).partition(_END)
        self._inside = not end
        lengths = range(1, len(_END))
        held = 0 if end else max((n for n in lengths if words.endswith(_END[:n])), default=0)
        self._tail = words[len(words) - held :]
        done += words[: len(words) - held].replace("\x1b", _SHOWN_ESCAPE), end
        return rest
