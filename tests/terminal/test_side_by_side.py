"""`kill -9` while several models answer: all columns come back."""

import re
from collections.abc import Iterator

import pytest

from tests.terminal.conftest import ENTER, AppProgram, idle, leave, text_of
from tests.terminal.paced import PacedServer
from tests.terminal.test_kills import LIMIT, kill_when

MODELS = ("alpha", "beta", "gamma")


@pytest.fixture
def server() -> Iterator[PacedServer]:
    with PacedServer() as server:
        yield server


def test_all_columns_come_back_after_a_kill(program: AppProgram, server: PacedServer) -> None:
    at = ("--base-url", server.base_url)
    models = [word for model in MODELS for word in ("-m", model)]
    assert program.run("ask", *at, *models, "quick").returncode == 0
    terminal = program.chat(*at, "--resume", size=(160, 40))
    terminal.see(*MODELS)
    terminal.until(idle)
    terminal.send(f"slowly{ENTER}")

    def under_way() -> bool:
        slow = [sent for sent in server.replies if sent.prompt == "slowly"]
        return len(slow) == 3 and all(len(sent.words) > 60 for sent in slow)

    killed = kill_when(terminal, under_way)

    replies = [message for message in program.messages() if message["role"] == "assistant"]
    first, second = replies[:3], replies[3:]
    assert {text_of(reply) for reply in first} == {"w0 w1 w2 "}
    assert [reply["status"] for reply in second] == ["interrupted"] * 3
    assert [(each.get("slot", 0), each["model"]) for each in second] == [*enumerate(MODELS)]
    assert program.integrity() == "ok"
    # Each answer lost a moment at the most, whichever of the connections it came by.
    slow = [sent for sent in server.replies if sent.prompt == "slowly"]
    losses = [min(sent.lost(text_of(reply), killed) for sent in slow) for reply in second]
    assert max(losses) <= LIMIT

    terminal = program.chat(*at, "--resume", size=(160, 40))
    terminal.until(lambda screen: screen.text.count("Interrupted") == 3)
    shown = terminal.screen.text
    assert all(model in shown for model in MODELS)
    assert len(re.findall(r"\bw9\b", shown)) == 3
    assert leave(terminal) == 0
