"""The message that is meant while one reads: its mark is always seen, also as one scrolls."""

from pathlib import Path

from textual.pilot import Pilot

from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, Role, text_parts
from chat_tui.core.settings import Settings
from chat_tui.ui.keymaps import load_keymap
from chat_tui.ui.widgets.transcript import Transcript
from tests.fakes import TARGET, answer, eventually
from tests.ui.rig import Rig, running

LONG = "\n\n".join(f"line {number}" for number in range(40))
CODE = "Before:\n\n```python\none = 1\ntwo = 2\n```\n\nAfter."


async def _conversation(rig: Rig, *texts: str) -> Transcript:
    """Show a stored conversation, prompts and answers in turn, and read it."""
    messages: list[ChatMessage] = []
    for number, words in enumerate(texts):
        role: Role = "assistant" if number % 2 else "user"
        parent = messages[-1].id if messages else None
        made = ChatMessage(f"{number:05}", role, text_parts(words), parent, model="m", created=1e9)
        messages.append(made)
    conversation = Conversation("c1", title="Long", targets=(TARGET,), head=messages[-1].id)
    await rig.backend.store.add_messages(conversation, messages)
    await rig.screen.show_chat(await rig.screen.session.open_chat("c1"))
    await _press(rig.pilot, "escape")
    return rig.screen.transcript


async def _press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def _sees(transcript: Transcript) -> bool:
    """Whether the mark is on the screen."""
    return "┃" in str(transcript.app.screen._compositor.render_strips())


async def test_mark_is_always_on_the_screen_while_one_reads(tmp_path: Path) -> None:
    texts = [f"prompt {n}" if n % 2 == 0 else LONG for n in range(8)]
    async with running(tmp_path, size=(80, 24)) as rig:
        transcript = await _conversation(rig, *texts)
        assert transcript.current == 7
        assert _sees(transcript)
        await _press(rig.pilot, "g")
        assert (transcript.current, transcript.scroll_offset.y) == (0, 0)
        assert _sees(transcript)
        for keys in (["pagedown"] * 5, ["pageup"] * 2, ["ctrl+e"] * 9, ["ctrl+u"] * 4):
            await _press(rig.pilot, *keys)
            below = transcript.line_at(transcript.size.height - 1)[0]
            assert transcript.current in range(transcript.line_at(0)[0], below + 1)
            assert _sees(transcript)
        await _press(rig.pilot, "G")
        assert (transcript.current, transcript.following) == (7, True)
        await _press(rig.pilot, "g", "d")
        await eventually(lambda: "00000" not in rig.chat.tree.path())
        assert list(rig.chat.tree.path()) == [f"{n:05}" for n in range(1, 8)]
        assert (transcript.current, transcript.scroll_offset.y) == (0, 0)


async def test_last_message_is_meant_from_the_prompt_whatever_was_marked(tmp_path: Path) -> None:
    async with running(tmp_path, size=(80, 24)) as rig:
        transcript = await _conversation(rig, "one", CODE, "two", "no code")
        await _press(rig.pilot, "g", "i", "ctrl+g", "Y")
        await eventually(lambda: rig.toasts == ["The last message has no code block."])
        assert transcript.current == 0
        await _press(rig.pilot, "ctrl+g", "L")
        await eventually(lambda: len(rig.toasts) == 2)
        await _press(rig.pilot, "escape")
        assert transcript.current == 0


async def test_keyboard_selects_from_what_is_seen_and_scrolls_along(tmp_path: Path) -> None:
    async with running(tmp_path, size=(80, 24)) as rig:
        transcript = await _conversation(rig, "prompt", LONG, "code", CODE)
        selected = rig.screen.get_selected_text
        await _press(rig.pilot, "J")
        assert selected() == "Before:"
        await _press(rig.pilot, "escape")
        assert (selected(), rig.app.focused) == (None, transcript)
        await _press(rig.pilot, "full_stop", "J", "J")
        assert selected() == "one = 1\ntwo = 2"
        await _press(rig.pilot, "escape", "g", "pagedown", "J")
        top, within = transcript.line_at(0)
        assert (selected() or "").startswith("line ")
        rendered = transcript.column.render(top)
        assert rendered is not None
        assert selected() == rendered.line(within).text
        await _press(rig.pilot, *["K"] * 6)
        above = (selected() or "").split("\n\n")
        assert len(above) == 4
        assert transcript.line_at(0)[1] == within - 6
        await _press(rig.pilot, *["J"] * 40)
        below = (selected() or "").split("\n\n")
        assert below[0] == above[-1]
        assert len(below) == 18
        await _press(rig.pilot, "y")
        await eventually(lambda: rig.app.clipboard == "\n\n".join(below))


async def test_escape_drops_the_selection_before_it_stops_or_leaves(tmp_path: Path) -> None:
    async with running(tmp_path, answer("x")) as rig:
        transcript = await _conversation(rig, "needle", "needle too")
        await _press(rig.pilot, "slash", *"needle", "escape", "J")
        assert rig.screen.get_selected_text()
        await _press(rig.pilot, "escape")
        assert not rig.screen.get_selected_text()
        assert rig.screen.finding.active
        assert rig.app.focused is transcript


async def test_escape_stays_in_reading_with_the_keys_of_vim(tmp_path: Path) -> None:
    async with running(tmp_path, settings=Settings(keymap="vim")) as rig:
        rig.app.use_keymap(load_keymap("vim", tmp_path)[0], {})
        transcript = await _conversation(rig, "one", "two")
        where: list[object] = []
        for key in ("escape", "q", "escape", "escape"):
            await _press(rig.pilot, key)
            where.append(rig.app.focused)
        assert "Esc" not in rig.drawn()
        rig.app.use_keymap({}, {})
        await _press(rig.pilot, "escape")
        prompt = rig.screen.prompt
        assert [*where, rig.app.focused] == [transcript, prompt, transcript, transcript, prompt]


async def test_undoing_the_only_prompt_tells_how_to_do_it_again(tmp_path: Path) -> None:
    async with running(tmp_path, answer("hi")) as rig:
        await rig.ask("hello")
        await _press(rig.pilot, "escape", "u")
        await eventually(lambda: rig.screen.stage.empty)
        assert rig.app.focused is rig.screen.prompt
        assert "^g U" in rig.toasts[-1]
        await _press(rig.pilot, "ctrl+g", "T")
        await eventually(lambda: "Messages: 0 · branches: 0 · deleted: 2" in rig.drawn())
        await _press(rig.pilot, "x")
        assert "Messages: 0 · branches: 0 · deleted: 2" in rig.drawn()
        await _press(rig.pilot, "escape")
        await _press(rig.pilot, "ctrl+g", "U")
        await eventually(lambda: not rig.screen.stage.empty)


async def test_versions_of_the_prompt_above_the_mark_are_paged_where_it_has_none(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, answer("one"), answer("two")) as rig:
        await rig.ask("prompt")
        first = rig.chat.tree.path()
        await _press(rig.pilot, "ctrl+g", "E")
        await eventually(lambda: rig.screen.prompt.text == "prompt")
        await rig.ask("another")
        await _press(rig.pilot, "escape", "left_square_bracket")
        await eventually(lambda: rig.chat.tree.path() == first)
