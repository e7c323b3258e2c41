"""Whole sessions at a terminal: three turns over real sockets, odd terminals, impatient hands."""

import random
import re
import subprocess
import threading

import pytest

from tests.cli.helpers import COMMAND, wait_until
from tests.servers import Hold, Request, Stall, ThreadedServer, delta, event, events, stream
from tests.terminal.conftest import ENTER, ESCAPE, AppProgram, at, idle, leave, text_of


def said(request: Request) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in request.json["messages"]]


def test_three_turns_stop_restart_and_all_is_there(program: AppProgram) -> None:
    third = events(event(delta("half of the ")), event(delta("third")), Stall())
    replies = [stream("The", " first."), stream("The second."), third, stream("The fourth.")]
    with ThreadedServer(replies, prompts_only=True) as server:
        terminal = program.chat(*at(server))
        for number, answer in enumerate(("The first.", "The second."), 1):
            terminal.send(f"Question {number}{ENTER}")
            terminal.see(answer)
            program.stored(terminal, *["complete"] * number)
            terminal.until(idle)
        terminal.send(f"Question 3{ENTER}")
        terminal.see("half of the third")
        terminal.send(ESCAPE)
        terminal.see("Stopped here.")
        wait_until(lambda: server.server.hangups == 1)
        assert leave(terminal) == 0

        terminal = program.chat(*at(server), "--resume")
        terminal.see(
            "Question 1", "The first.", "The second.", "half of the third", "Stopped here."
        )
        terminal.send(f"Question 4{ENTER}")
        terminal.see("The fourth.")
        program.stored(terminal, "complete", "complete", "stopped", "complete")
        assert leave(terminal) == 0

    path = [("user", "Question 1"), ("assistant", "The first."), ("user", "Question 2")]
    path += [("assistant", "The second."), ("user", "Question 3")]
    path += [("assistant", "half of the third"), ("user", "Question 4")]
    assert [said(request) for request in server.requests] == [path[:1], path[:3], path[:5], path]
    assert all(request.json["stream"] for request in server.requests)
    stored = program.messages()
    statuses = [message["status"] for message in stored if message["role"] == "assistant"]
    assert statuses == ["complete", "complete", "stopped", "complete"]
    assert [text_of(message) for message in stored[:-1]] == [words for _, words in path]
    assert program.integrity() == "ok"


def test_keys_typed_before_and_while_it_starts_are_not_lost(program: AppProgram) -> None:
    terminal = program.app("--demo")
    # Python has not even begun.
    terminal.send("/echo typed")
    # As soon as the screen is its own, long before storage and providers are open.
    terminal.wait_for("\x1b[?1049h")
    terminal.wait_for_keys()
    for letter in f"-at-once{ENTER}":
        terminal.send(letter)
    program.stored(terminal, "complete")
    terminal.until(lambda screen: screen.text.count("typed-at-once") >= 3)
    assert leave(terminal) == 0
    assert program.texts() == ["/echo typed-at-once", "typed-at-once"]


def test_keys_after_enter_belong_to_the_next_message(program: AppProgram) -> None:
    terminal = program.chat()
    terminal.send(f"/echo one{ENTER}next words")
    terminal.see("next words")
    program.stored(terminal, "complete")
    terminal.until(lambda screen: screen.text.count("one") > screen.text.count("/echo one"))
    assert leave(terminal) == 0
    assert program.texts() == ["/echo one", "one"]


def test_prompt_waits_where_an_answer_is_on_its_way(program: AppProgram) -> None:
    hold = threading.Event()
    reply = events(event(delta("begun")), Hold(hold), event(delta(finish="stop")), event("[DONE]"))
    with ThreadedServer([reply, stream("second answer")], prompts_only=True) as server:
        terminal = program.chat(*at(server))
        terminal.send(f"one{ENTER}")
        terminal.see("begun")
        terminal.send(f"two{ENTER}")
        terminal.see("Waiting 1")
        hold.set()
        terminal.see("second answer")
        program.stored(terminal, "complete", "complete")
        assert leave(terminal) == 0

    assert program.texts() == ["one", "begun", "two", "second answer"]


def test_bytes_that_are_no_utf8_do_not_end_it(program: AppProgram) -> None:
    terminal = program.chat()
    terminal.send_bytes(b"/echo a\xff\xfe\xc3b")
    terminal.see("/echo a")
    terminal.send(ENTER)
    terminal.see("You", "demo")
    program.stored(terminal, "complete")
    assert leave(terminal) == 0
    assert program.texts()[0].startswith("/echo a\ufffd")


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_terminal_that_cannot_show_it_gets_one_sentence(program: AppProgram, term: str) -> None:
    terminal = program.app("--demo", TERM=term)
    before = terminal.settings
    assert terminal.wait() == 2
    assert b"\x1b" not in terminal.output
    assert "chat-tui ask" in terminal.screen.text
    assert terminal.settings == before


@pytest.mark.parametrize("closed", ["stdin", "stdout"])
def test_without_a_terminal_it_says_one_sentence(program: AppProgram, closed: str) -> None:
    redirection = {"stdin": "</dev/null", "stdout": "| cat"}[closed]
    terminal = program.on_screen(
        "/bin/sh", "-c", f'"$@" {redirection}; echo code=$?', "sh", *COMMAND, "--demo"
    )
    terminal.wait()
    assert "chat-tui ask" in terminal.screen.text
    assert b"\x1b" not in terminal.output


def test_no_terminal_at_all_exits_2(program: AppProgram) -> None:
    done = subprocess.run(
        [*COMMAND, "--demo"],
        env=program.environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "chat-tui ask" in done.stderr


def test_no_color_writes_no_colour(program: AppProgram) -> None:
    terminal = program.chat("--demo", NO_COLOR="1")
    terminal.send(f"/markdown{ENTER}")
    program.stored(terminal, "complete")
    terminal.settle(0.2)
    assert leave(terminal) == 0
    assert colours(bytes(terminal.output)) == set()
    # The control: else there are some.
    assert colours(bytes(program.chat().output)) != set()


def colours(output: bytes) -> set[str]:
    """The colours that were asked for, greys aside."""
    found = set()
    for code in re.findall(rb"\x1b\[([\d;]*)m", output):
        numbers = [int(number) for number in code.split(b";") if number]
        while numbers:
            number = numbers.pop(0)
            if number in (38, 48) and numbers[:1] == [2]:
                red, green, blue = numbers[1:4]
                del numbers[:4]
                if not red == green == blue:
                    found.add(f"{red},{green},{blue}")
            elif number in (38, 48):
                index = numbers[1]
                del numbers[:2]
                if not (index in (0, 7, 8, 15, 16, 231) or index >= 232):
                    found.add(f"{index}")
            elif 30 < number < 37 or 40 < number < 47 or 90 < number < 97 or 100 < number < 107:
                found.add(str(number))
    return found


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (300, 100)], ids=str)
def test_every_size_works(program: AppProgram, size: tuple[int, int]) -> None:
    terminal = program.app("--demo", size=size)
    terminal.wait_for("\x1b[?1049h")
    terminal.wait_for_keys()
    terminal.send(f"/markdown{ENTER}")
    program.stored(terminal, "complete")
    terminal.settle(0.1)
    assert leave(terminal) == 0
    assert "Traceback" not in terminal.output.decode(errors="replace")
    assert len(program.messages()) == 2


def test_resize_storm_while_streaming_does_no_harm(program: AppProgram) -> None:
    chance = random.Random(23)
    terminal = program.chat("--demo", CHAT_TUI_DEMO_RATE="500")
    terminal.send(f"/long 600{ENTER}")
    terminal.see("quiet")
    for _ in range(60):
        terminal.resize(chance.randint(1, 200), chance.randint(1, 60))
        terminal.read(0.01)
    terminal.resize(100, 30)
    program.stored(terminal, "complete")
    terminal.see("Ready")
    terminal.send("still here")
    terminal.see("still here")
    assert leave(terminal) == 0
    assert terminal.screen.foreign == []
    assert program.messages()[-1]["status"] == "complete"
