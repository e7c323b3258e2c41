"""What was typed and not sent survives `kill -9`."""

import time

from chat_tui.ui.screens.conversation.drafts import DELAY
from tests.terminal.conftest import ENTER, AppProgram

LAST_MOMENT = 0.5
"""Seconds of typing that a kill may cost."""

SLACK = 0.5
"""Seconds that a loaded machine may need to hear a key and to write."""


def test_kill_costs_the_last_half_second_of_typing_at_the_most(program: AppProgram) -> None:
    terminal = program.chat()
    typed: list[tuple[float, str]] = []
    for number in range(1, 31):
        word = f"w{number} "
        terminal.send(word)
        typed.append((time.monotonic(), word))
        terminal.read(0.05)
    killed = time.monotonic()
    terminal.process.kill()
    terminal.process.wait()

    again = program.chat()
    again.see("w1 ")
    lost = [at for at, word in typed if word.strip() not in again.screen.text.split()]
    assert DELAY < LAST_MOMENT
    assert all(killed - at < LAST_MOMENT + SLACK for at in lost)

    # A prompt that was sent is in the conversation, and not in the input again.
    again.send(ENTER)
    again.see("I am the demo")
    again.settle(0.5)
    again.process.kill()
    again.process.wait()
    third = program.chat("--demo", "--resume")
    third.see("w1 w2")
    third.settle(0.5)
    assert "Write a message" in third.screen.text
