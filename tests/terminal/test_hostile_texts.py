"""Texts with escape sequences: none of them gets through, wherever it stands."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, text_parts
from chat_tui.storage.exporters.own_json import document, export_conversation
from tests.cli.helpers import COMMAND
from tests.servers import Reply, Request, ThreadedServer, answer, delta, event, events, stream
from tests.terminal.conftest import ENTER, ESCAPE, LEADER, OPEN_LIST, AppProgram, at, leave
from tests.terminal.hostile import HOSTILE, Hostile, written
from tests.terminal.program import TerminalProgram

DONE = (event(delta(finish="stop")), event("[DONE]"))

Place = Callable[[Hostile], Reply]


def in_text(hostile: Hostile) -> Reply:
    """In prose, code, a table, a heading and a link, and cut at every character."""
    fields = (hostile.text, f"```py\n{hostile.text}\n```", f"# {hostile.text}")
    row = hostile.attack.replace("\r", " ")
    link = f"[{row}](http://{row} '{row}') <http://{row}> ![{row}]({row})"
    whole = "\n\n".join((*fields, f"| a |\n|---|\n| {row} |", link, hostile.text))
    return events(*(event(delta(character)) for character in whole), *DONE)


def in_reasoning(hostile: Hostile) -> Reply:
    words = f"{hostile.text}\n\n{hostile.text}"
    return events(event(delta(reasoning_content=words)), event(delta("so")), *DONE)


def in_tool_call(hostile: Hostile) -> Reply:
    function = {"name": hostile.text, "arguments": json.dumps({"a": hostile.text}) + hostile.text}
    call = {"index": 0, "id": hostile.attack, "type": "function", "function": function}
    return events(event(delta(tool_calls=[call])), *DONE)


def in_model_name(hostile: Hostile) -> Reply:
    chunk = delta("hi") | {"model": hostile.text}
    return events(event(chunk), event(delta(finish="stop") | {"model": hostile.text}))


def in_refusal(hostile: Hostile) -> Reply:
    return events(event(delta(refusal=hostile.text)), *DONE)


def in_error_body(hostile: Hostile) -> Reply:
    error = {"message": hostile.text, "type": hostile.text, "code": hostile.text, "param": "x"}
    return answer({"error": error}, 400)


def in_error_page(hostile: Hostile) -> Reply:
    page = f"<html><title>{hostile.text}</title>{hostile.text}</html>"
    body = page.encode("utf-8", "surrogatepass")
    return Reply([body], 400, {"Content-Type": "text/html"})


def in_error_event(hostile: Hostile) -> Reply:
    return events(event(delta("the beginning")), event({"error": {"message": hostile.text}}))


PLACES = (
    *(in_reasoning, in_tool_call, in_model_name, in_refusal),
    *(in_error_body, in_error_page, in_error_event),
)


def assert_untouched(terminal: TerminalProgram) -> None:
    assert terminal.screen.foreign == []
    assert written(bytes(terminal.output)) == []


def answer_and_leave(program: AppProgram, turns: Sequence[tuple[Hostile, Place]]) -> None:
    """Have the app show texts, each in a place; it stays alive and the terminal untouched."""
    waiting = iter(turns)

    def script(request: Request) -> Reply:
        if request.json["messages"][-1]["content"] == "alive?":
            return stream("ALIVE")
        hostile, place = next(waiting)
        return place(hostile)

    with ThreadedServer(script) as server:
        terminal = program.chat(*at(server))
        for hostile, place in turns:
            terminal.send(f"next{ENTER}")
            if place is in_reasoning:
                # It is folded: unfold it, and go back to the prompt.
                terminal.see("▸ Reasoning", "Ready")
                terminal.send(f"{LEADER}m")
                terminal.see("j Next")
                terminal.send("o")
                terminal.see(hostile.mark)
                terminal.send("i")
            terminal.see(hostile.mark)
            # Half a frame may show the text above a status line of before.
            terminal.settle(0.06)
            terminal.see("Ready", "Enter Send")
        terminal.send(f"alive?{ENTER}")
        terminal.see("ALIVE")
        assert leave(terminal) == 0
    assert_untouched(terminal)
    assert terminal.screen.restored


def test_no_sequence_gets_through_from_the_text(program: AppProgram) -> None:
    answer_and_leave(program, [(hostile, in_text) for hostile in HOSTILE])


def test_no_sequence_gets_through_from_what_comes_beside_the_text(program: AppProgram) -> None:
    turns = [
        (hostile, place)
        for offset, place in enumerate(PLACES)
        # Each of them in two or three places, and a third of them in each place.
        for hostile in HOSTILE[offset % 3 :: 3]
    ]
    answer_and_leave(program, turns)


def test_control_sequences_of_a_raw_program_are_noticed(program: AppProgram) -> None:
    """The control: the same texts, printed as they are, are seen for what they are."""
    script = "from tests.terminal.hostile import print_raw; print_raw()"
    terminal = program.on_screen(sys.executable, "-c", script)
    assert terminal.wait() == 0

    raw_after_all = {"click", "markup", "half-a-pair"}  # nothing for a terminal in them
    names = {hostile.name for hostile in HOSTILE}
    assert set(written(bytes(terminal.output))) >= names - raw_after_all
    noticed = " ".join(terminal.screen.foreign)
    for sequence in ("\x1b]52;", "\x9d", "\x1b]2;", "\x1bP", "\x90", "\x1b[2J", "\x1bc", "\x07"):
        assert sequence in noticed


def test_no_sequence_gets_through_from_the_list_of_models(program: AppProgram) -> None:
    hostile = "big \x1b]2;T\x07\x9b31m\x1bPx\x1b\\"
    name = "big [/] [@click=app.quit]x[/] MARK"

    def script(request: Request) -> Reply:
        if request.path.endswith("/models"):
            # What has controls in it is no name; what looks like markup is shown as it is.
            return answer({"data": [{"id": hostile}, {"id": "turned \u202e"}, {"id": name}]})
        return stream("ALIVE")

    with ThreadedServer(script) as server:
        terminal = program.chat("--base-url", server.base_url)
        terminal.see("MARK")
        terminal.send(f"hello{ENTER}")
        terminal.see("ALIVE", "MARK")
        (prompt,) = (request for request in server.requests if request.method == "POST")
        assert prompt.json["model"] == name
        assert leave(terminal) == 0

    assert_untouched(terminal)


def test_no_sequence_gets_through_from_a_title(program: AppProgram, tmp_path: Path) -> None:
    rows = [
        export_conversation(
            Conversation(f"title-{number}", hostile.text, updated=1000.0 - number),
            [ChatMessage(f"message-{number}", "user", text_parts("hello"))],
        )
        for number, hostile in enumerate(HOSTILE)
    ]
    (tmp_path / "titles.json").write_text(document(rows))
    imported = program.run("import", str(tmp_path / "titles.json"))
    assert imported.returncode == 0, imported.stderr

    terminal = program.chat("--demo", "--resume")
    terminal.see(*(hostile.mark for hostile in HOSTILE))
    terminal.send(OPEN_LIST)
    terminal.see("r Rename")
    for hostile in HOSTILE[:8]:
        terminal.send("r")
        terminal.see("Enter saves", hostile.mark)
        terminal.send(ESCAPE)
        terminal.until(lambda screen: "Enter saves" not in screen.text)
        terminal.send("d")
        terminal.see(f"Deleted “{hostile.mark}")
    assert leave(terminal) == 0
    assert_untouched(terminal)


def test_no_sequence_gets_through_from_a_paste(program: AppProgram) -> None:
    terminal = program.chat("--demo")
    terminal.send("\x1b[200~/echo SEEN\x1b[32m\rline\x9b31m\x9d52;c;eA==\x9c\u202e[/]\x07\x1b[201~")
    terminal.see("SEEN")
    terminal.settle(0.2)
    assert "You" not in terminal.screen.text
    terminal.send(ENTER)
    terminal.see("Ready", "You")
    program.stored(terminal, "complete")
    terminal.settle(0.1)
    assert leave(terminal) == 0
    assert_untouched(terminal)


def all_at_once() -> Reply:
    return stream(*(f"{hostile.text}\n" for hostile in HOSTILE))


def test_ask_is_clean_on_a_terminal_and_raw_in_a_pipe(program: AppProgram) -> None:
    with ThreadedServer([all_at_once()]) as server:
        terminal = program.on_screen(*COMMAND, "ask", *at(server), "hi", size=(200, 60))
        code = terminal.wait()
        piped = program.start("ask", *at(server), "hi")
        raw, errors = piped.communicate(timeout=20)

    assert (code, piped.returncode, errors) == (0, 0, b"")
    assert_untouched(terminal)
    assert all(hostile.mark in terminal.screen.text for hostile in HOSTILE)
    expected = "".join(f"{hostile.text}\n" for hostile in HOSTILE).replace("\ud83d", "\ufffd")
    assert raw.decode() == expected


@pytest.mark.parametrize(
    "place", [in_error_body, in_error_event, in_tool_call, in_refusal], ids=lambda p: p.__name__
)
def test_ask_tells_of_failures_and_calls_without_sequences(
    program: AppProgram, place: Place
) -> None:
    everything = Hostile("all", " ".join(each.attack for each in HOSTILE), "MARK", "")
    with ThreadedServer([place(everything)]) as server:
        terminal = program.on_screen(*COMMAND, "ask", *at(server), "hi", size=(200, 60))
        terminal.wait()

    assert "MARK" in terminal.output.decode()
    assert_untouched(terminal)
