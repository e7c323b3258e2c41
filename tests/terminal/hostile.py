"""Texts that would do something to a terminal, or to a program that draws on one."""

import sys
from base64 import b64encode
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hostile:
    """One text.

    Its mark is a word that must be on the screen: else the text was not shown at all.
    """

    name: str
    attack: str
    mark: str
    raw: str
    """What of it must never be written to a terminal."""

    @property
    def text(self) -> str:
        """The mark, and the attack around which it stands."""
        return f"{self.mark} {self.attack}"


def _hostile(number: int, name: str, attack: str, raw: str) -> Hostile:
    mark = f"MARK{number:02}X"
    coded = b64encode(mark.encode()).decode()
    # The mark inside of a sequence makes what would be written unmistakable.
    fill = {"{mark}": mark, "{coded}": coded}
    for name_, value in fill.items():
        attack, raw = attack.replace(name_, value), raw.replace(name_, value)
    return Hostile(name, attack, mark, raw or attack)


_ATTACKS = (
    ("osc-52-bel", "\x1b]52;c;{coded}\x07", "\x1b]52"),
    ("osc-52-st", "\x1b]52;p;{coded}\x1b\\", "\x1b]52"),
    ("osc-52-c1", "\x9d52;c;{coded}\x9c", "\x9d52"),
    ("title", "\x1b]0;{mark}\x07", "\x1b]0;"),
    ("window-title", "\x1b]2;{mark}\x1b\\", "\x1b]2;"),
    ("title-c1", "\x9d2;{mark}\x9c", "\x9d2;"),
    ("window-name", "\x1bk{mark}\x1b\\", "\x1bk"),
    ("link", "\x1b]8;;http://{mark}.example\x07click\x1b]8;;\x07", "\x1b]8;"),
    ("passthrough", "\x1bPtmux;\x1b\x1b]52;c;{coded}\x07\x1b\\", "\x1bP"),
    ("passthrough-c1", "\x90tmux;\x1b\x1b]2;{mark}\x07\x9c", "\x90tmux"),
    ("clear", "\x1b[2J\x1b[3J\x1b[H{mark}", "\x1b[2J"),
    ("clear-c1", "\x9b2J\x9b1;1H{mark}", "\x9b2J"),
    ("scroll-region", "\x1b[5;9r\x1b[3A\x1b[9S{mark}", "\x1b[5;9r"),
    ("leave-alternate-screen", "\x1b[?1049l\x1b[?25h{mark}", "\x1b[?1049l\x1b[?25hMARK"),
    ("modes", "\x1b[?2004l\x1b[?1000l\x1b[?5h\x1b[4h{mark}", "\x1b[?5h"),
    ("reset", "\x1bc\x1b[!p{mark}", "\x1bc"),
    ("charset", "\x1b(0\x0e{mark}", "\x1b(0"),
    ("questions", "\x1b[c\x1b[6n\x1b]11;?\x07\x1bP+q544e\x1b\\\x05{mark}", "\x1b[6n"),
    ("application-command", "\x1b_G{mark}\x1b\\\x9f{mark}\x9c", "\x1b_G"),
    ("privacy-message", "\x1b^{mark}\x1b\\\x1bX{mark}\x1b\\", "\x1b^"),
    (
        "notify",
        "\x1b]9;{mark}\x07\x1b]777;notify;{mark};x\x07\x1b]1337;File=:{mark}\x07",
        "\x1b]9;",
    ),
    ("controls", "\x07\x08\x08\x0b\x0c\x0e\x0f\x00\x7f{mark}", "\x08"),
    ("line-overwritten", "safe\r\x1b[Kevil {mark}", "\x1b[K"),
    ("bidi", "\u202e{mark}\u202c \u2066x\u2069", "\u202e"),
    ("tags", "\U000e0001\U000e0041{mark}", "\U000e0041"),
    ("marks", "e" + "\u0301" * 60, "\u0301" * 20),
    ("bell-and-link", "\x07[]() {mark}", "\x07[]"),
    ("click", "[@click=app.quit]{mark}[/]", "\x00"),
    ("markup", "[/] [/some/file] [#zzzzzz]x[/] [bold {mark} [", "\x00"),
    ("half-a-pair", "{mark} \ud83d", "\x00"),
    ("bare-escape", "{mark}\x1b", "\x1b\x1b"),
)

HOSTILE = tuple(_hostile(number, *attack) for number, attack in enumerate(_ATTACKS))
"""All of them."""


def written(output: bytes) -> list[str]:
    """The names of those texts of which something dangerous stands in what was written."""
    text = output.decode(errors="surrogateescape")
    return [hostile.name for hostile in HOSTILE if hostile.raw in text]


def print_raw(*names: str) -> None:
    """Write texts to standard output as they are, as a careless program would."""
    for hostile in HOSTILE:
        if not names or hostile.name in names:
            sys.stdout.buffer.write(hostile.text.encode("utf-8", "replace") + b"\r\n")
    sys.stdout.flush()
