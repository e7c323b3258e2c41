"""Pictures and documents in the prompt: in drafts, history, queue, versions; nothing is lost."""

import asyncio
import random
import shlex
from collections.abc import Callable
from pathlib import Path

from textual.events import Paste

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.attachments.values import attachment_of
from chat_tui.core.drafts import Draft
from chat_tui.core.errors import UsageError
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.messages import FilePart, ImagePart, TextPart
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.targets import Target
from tests.fakes import ScriptedClient, SimpleClientSource, Step, answer, eventually
from tests.ui.pictures import picture_attachment, write_picture
from tests.ui.rig import Rig, running

PICTURE = picture_attachment()
CAT = ImagePart(PICTURE.sha256, "", "image/png", "cat.png", "auto", 4, 3)
BYTES = attachment_of(b"one\ntwo", "text/plain")
NOTES = FilePart(BYTES.sha256, "notes.md", "text/plain", "one\ntwo")
CAT_CHIP, NOTES_CHIP = "[Picture 1: cat.png, 4×3]", "[Document 2: notes.md, 2 lines]"


async def attach(rig: Rig, *, notes: bool = False) -> None:
    parts = (CAT, NOTES) if notes else (CAT,)
    await rig.screen.writing.drafts.attach(rig.chat, parts, (PICTURE, BYTES)[: len(parts)])
    await rig.pilot.pause()


async def paste(rig: Rig, words: str) -> None:
    rig.screen.prompt.post_message(Paste(words))
    await rig.pilot.pause()
    rig.screen.prompt._guard._until = 0.0


async def drafted(rig: Rig, key: str, attached: tuple[ImagePart | FilePart, ...]) -> Draft:
    """The stored draft, once it has these attachments."""
    async with asyncio.timeout(5):
        while (draft := await rig.backend.store.draft(key)).attached != attached:  # noqa: ASYNC110 - with a deadline
            await asyncio.sleep(0.01)
    return draft


async def test_dropped_files_become_chips_and_are_sent_stored_and_recalled(
    tmp_path: Path,
) -> None:
    client = ScriptedClient(answer("ok"), answer("again"), answer("other"))
    cat = write_picture(tmp_path / "my cat.png", 4, 3)
    notes = tmp_path / "notes.md"
    notes.write_text("one\ntwo")
    chips = "[Picture 1: my cat.png, 4×3] [Document 2: notes.md, 2 lines]"
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt
        dropped = f"{shlex.quote(str(cat))} {notes} "
        # What is only written like a path, or is no file, stays what it is.
        await paste(rig, f"{tmp_path}/gone.png")
        await paste(rig, " and ")
        assert prompt.text == f"{tmp_path}/gone.png and "
        prompt.put("")

        rig.media.gate = asyncio.Event()
        await paste(rig, dropped)
        await eventually(lambda: rig.screen.attaching.reading != "")
        assert prompt.text == dropped
        # Typing goes on meanwhile; nothing is sent without what was dropped.
        await rig.type("what is it?")
        await rig.pilot.press("enter")
        assert len(rig.chat.tree) == 0
        assert any("is still being read" in toast for toast in rig.toasts)
        rig.media.gate.set()
        await eventually(lambda: prompt.text == f"{chips} what is it?")
        assert prompt.cursor_location == prompt.document.end
        await eventually(lambda: chips in rig.drawn())
        prompt.undo()
        assert prompt.text == f"{dropped}what is it?"
        prompt.redo()
        assert prompt.text == f"{chips} what is it?"

        # The chip is one thing to keys; without it nothing is attached, undo brings it back.
        prompt.move_cursor((0, len(chips)))
        await rig.pilot.press("backspace")
        assert [part.name for part in prompt.attached] == ["my cat.png"]
        await rig.pilot.press("ctrl+z")
        assert [part.name for part in prompt.attached] == ["my cat.png", "notes.md"]
        await drafted(rig, "", prompt.attached)

        prompt.move_cursor(prompt.document.end)
        await rig.pilot.press("enter")
        await eventually(lambda: bool(client.requests))
        await rig.idle()
        parts = client.requests[0].messages[-1].parts
        assert parts[0] == TextPart("what is it?")
        assert [type(part) for part in parts[1:]] == [ImagePart, FilePart]
        assert isinstance(parts[1], ImagePart)
        kept = await rig.backend.store.attachment(parts[1].sha256)
        assert kept is not None
        assert kept.content == cat.read_bytes()

        # It comes back from the history, and as another version of the prompt.
        await rig.pilot.press("up")
        await eventually(lambda: prompt.text == f"{chips} what is it?")
        sent = prompt.attached
        assert sent == parts[1:]
        prompt.put("")
        await rig.pilot.press("ctrl+g", "E")
        await eventually(lambda: rig.screen.branches.editing is not None)
        assert prompt.text == f"what is it?\n{chips}"
        # What is typed now goes on with the words.
        assert prompt.cursor_location == (0, len("what is it?"))
        prompt.detach(sent[0])
        await rig.pilot.press("enter")
        await eventually(lambda: len(client.requests) == 2)
        await rig.idle()
        assert client.requests[1].messages[-1].parts == (TextPart("what is it?"), parts[2])
        assert (await rig.path())[0].parts == (TextPart("what is it?"), parts[2])

        # Undone, the prompt stands in the input with what is attached to it.
        await rig.pilot.press("ctrl+g", "u")
        await eventually(lambda: prompt.attached == sent[1:])
        assert prompt.written == Prompt("what is it?", sent[1:])
        await rig.pilot.press("ctrl+g", "U")
        await eventually(lambda: prompt.text == "")


async def test_chips_survive_editing_refusals_restarts_and_other_conversations(
    tmp_path: Path,
) -> None:
    class Refusing:
        client = ScriptedClient(answer("ok"))
        refuses = True

        def client_for(self, target: Target) -> ScriptedClient:
            if self.refuses:
                raise UsageError("No key for this provider.")
            return self.client

    clients = Refusing()
    async with running(tmp_path, clients=clients) as rig:
        prompt = rig.screen.prompt
        await rig.type("see")
        await attach(rig, notes=True)
        assert prompt.text == f"see {CAT_CHIP} {NOTES_CHIP} "
        _edit_at_random(rig)
        prompt.show(Draft("see this", (), (CAT, NOTES)))
        assert prompt.part_at_cursor() == NOTES
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.toasts))
        assert prompt.written == Prompt("see this", (CAT, NOTES))
        # Sent after all, it goes, and what was written behind it stays.
        prompt.show(Draft(f"see {CAT_CHIP}\n\nmore {NOTES_CHIP}", (), (CAT, NOTES)))
        rest = prompt.behind(Prompt("see", (CAT,)))
        assert rest.text.strip() == f"more {NOTES_CHIP}"
        assert rest.attached == (NOTES,)
        # A command takes no attachments, but for what is written again.
        prompt.put("")
        prompt.show(Draft("/system be kind", (), (CAT,)))
        await rig.pilot.press("enter")
        await eventually(lambda: any("/system takes no pictures" in told for told in rig.toasts))
        await eventually(lambda: prompt.attached == (CAT,))
        await rig.screen.session.library.save(SavedPrompt("Short", "Be short."))
        prompt.show(Draft("/short", (), (CAT,)))
        await rig.pilot.press("enter")
        await eventually(lambda: prompt.written == Prompt("Be short.", (CAT,)))

        # A document is looked at, and changed; a picture is not.
        prompt.show(Draft("", (), (NOTES,)))
        await rig.pilot.press("f3")
        await eventually(lambda: len(rig.app.screen_stack) == 2)
        await rig.pilot.pause()
        await rig.type("zero ")
        await rig.pilot.press("ctrl+s")
        await eventually(lambda: len(rig.app.screen_stack) == 1)
        changed = prompt.attached[0]
        assert isinstance(changed, FilePart)
        assert changed.text == "zero one\ntwo"
        prompt.show(Draft("", (), (CAT,)))
        await rig.pilot.press("f3")
        await eventually(lambda: "stands for the picture cat.png" in rig.toasts[-1])

        clients.refuses = False
        await rig.ask("first")
        left = rig.chat
        prompt.put("mine")
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not left)
        # What was read meanwhile goes to the conversation for which it was asked.
        await rig.screen.writing.drafts.attach(left, (CAT,), (PICTURE,))
        assert prompt.text == ""
        draft = await drafted(rig, left.id, (CAT,))
        assert draft.text == f"mine\n{CAT_CHIP}"
        await attach(rig)
        await drafted(rig, "", (CAT,))
        # The app dies here: nothing was wound up.
    async with running(tmp_path, answer("ok")) as rig:
        await eventually(lambda: rig.screen.prompt.attached == (CAT,))
        assert CAT_CHIP in rig.drawn()
        await rig.screen.show_chat(await rig.screen.session.open_chat(left.id))
        await eventually(lambda: rig.screen.prompt.written == Prompt("mine", (CAT,)))
        # What is attached in a temporary conversation leaves no more than its words.
        session = rig.screen.session
        await rig.screen.show_chat(session.manager.start(rig.chat.target, temporary=True))
        await attach(rig)
        assert await rig.backend.store.attachment(BYTES.sha256) is not None
        await rig.type("secret")
        await rig.pilot.press("enter")
        await rig.idle()
        await rig.pilot.press("up")
        await eventually(lambda: rig.screen.prompt.text == "secret")
        assert rig.screen.prompt.attached == ()


def _edit_at_random(rig: Rig) -> None:
    """Do to the prompt what keys do, in any order: a chip is there whole, or not at all."""
    prompt, chance = rig.screen.prompt, random.Random(7)
    rig.app.copy_to_clipboard("x")
    doings: list[Callable[[], object]] = [
        *(prompt.action_cursor_left, prompt.action_cursor_right, prompt.action_cursor_word_left),
        *(lambda: prompt.action_cursor_left(True), lambda: prompt.action_cursor_right(True)),
        *(prompt.action_delete_left, prompt.action_delete_right, prompt.action_delete_word_left),
        *(prompt.action_cut, prompt.action_paste, prompt.undo, prompt.redo, prompt.new_line),
        lambda: prompt.insert_words("a b"),
        lambda: prompt.attach(CAT),
        lambda: prompt.move_cursor((0, chance.randrange(60))),
    ]
    for _ in range(400):
        chance.choice(doings)()
        rest = prompt.text.replace(CAT_CHIP, "").replace(NOTES_CHIP, "")
        assert not [piece for piece in ("[", "]", "Pict", "cat", "notes", "lines") if piece in rest]
        row, column = prompt.cursor_location
        assert prompt.chips.around(prompt.document.get_line(row), column) is None


async def test_waiting_prompts_keep_what_is_attached(tmp_path: Path) -> None:
    gate = asyncio.Event()
    steps: list[Step] = [TextDelta("one"), gate, ReplyFinished("stop")]
    client = ScriptedClient(steps, answer("two"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt
        await rig.send("first")
        await rig.type("look ")
        await attach(rig, notes=True)
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.queued == [Prompt("look", (CAT, NOTES))])
        await eventually(lambda: "1 picture · 1 document · look" in rig.drawn())
        rig.screen.writing.drafts.save()
        assert (await rig.backend.store.draft(rig.chat.id)).queued == tuple(rig.chat.queued)
        await rig.pilot.press("up")
        assert prompt.text == f"look\n{CAT_CHIP} {NOTES_CHIP}"
        await rig.pilot.press("enter")
        await eventually(lambda: bool(rig.chat.queued))
        # A picture alone is a prompt too.
        await attach(rig)
        await rig.pilot.press("enter")
        await eventually(lambda: rig.chat.queued[1:] == [Prompt("", (CAT,))])
        await rig.pilot.press("ctrl+g", "Q")
        await rig.pilot.press("d")
        await eventually(lambda: any("Not sent: “1 picture”" in toast for toast in rig.toasts))
        gate.set()
        await eventually(lambda: len(client.requests) == 2)
        await rig.idle()
        assert client.requests[1].messages[-1].parts == (TextPart("look"), CAT, NOTES)


async def test_prompt_is_kept_while_a_question_is_asked_about_it(tmp_path: Path) -> None:
    gate = asyncio.Event()
    asked: list[Prompt] = []
    answers: list[Prompt | None] = [None, Prompt("look", (NOTES,))]
    client = ScriptedClient(answer("ok"), answer("plain"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        prompt = rig.screen.prompt

        async def may_send(_chat: object, given: Prompt) -> Prompt | None:
            asked.append(given)
            await gate.wait()
            return answers.pop(0)

        rig.screen.attaching.may_send = may_send  # type: ignore[method-assign,assignment]
        await rig.type("look ")
        await attach(rig)
        await rig.pilot.press("enter")
        await eventually(lambda: asked == [Prompt("look", (CAT,))])
        prompt.put("next")
        rig.screen.writing.drafts.save()
        draft = await drafted(rig, "", (CAT,))
        assert draft.text == f"look {CAT_CHIP} \nnext"
        prompt.put("")
        gate.set()
        await eventually(lambda: prompt.written == Prompt("look", (CAT,)))
        assert len(rig.chat.tree) == 0
        # Sent in the order in which they were written, the first one as it was answered.
        gate.clear()
        await rig.pilot.press("enter")
        await eventually(lambda: len(asked) == 2)
        rig.screen.prompt.put("plain")
        rig.screen.prompt.submit()
        await rig.pilot.pause()
        assert client.requests == []
        gate.set()
        await eventually(lambda: len(client.requests) == 2)
        await rig.idle()
        assert client.requests[0].messages[-1].parts == (TextPart("look"), NOTES)
        assert client.requests[1].messages[-1].parts == (TextPart("plain"),)


async def test_question_never_sends_what_was_left_meanwhile(tmp_path: Path) -> None:
    gate, asked = asyncio.Event(), list[Prompt]()

    async def may_send(_chat: object, given: Prompt) -> Prompt | None:
        asked.append(given)
        await gate.wait()
        return given

    client = ScriptedClient(answer("ok"), answer("plain"))
    async with running(tmp_path, clients=SimpleClientSource(client)) as rig:
        screen, prompt = rig.screen, rig.screen.prompt
        await rig.ask("first")
        left = rig.chat
        screen.attaching.may_send = may_send  # type: ignore[method-assign,assignment]
        # Another version of a prompt is no prompt of its own when its conversation is left.
        await screen.branches.edit()
        await attach(rig)
        await rig.pilot.press("enter")
        await eventually(lambda: asked == [Prompt("first", (CAT,))])
        await screen.chats.new()
        gate.set()
        await eventually(
            lambda: any("kept with the draft of “First”" in told for told in rig.toasts)
        )
        assert len(client.requests) == 1
        # What is attached to a draft that comes to the screen meanwhile stands there.
        attaching = asyncio.create_task(screen.writing.drafts.attach(left, (NOTES,), (BYTES,)))
        await screen.show_chat(left)
        await attaching
        await eventually(lambda: set(prompt.attached) == {CAT, NOTES})
        assert screen.branches.editing is not None
        prompt.detach()
        screen.branches.edits.leave()
        # And a prompt is no other version of a message because one is begun meanwhile.
        gate.clear()
        prompt.put("second")
        await attach(rig)
        await rig.pilot.press("enter")
        await eventually(lambda: len(asked) == 2)
        await screen.branches.edit()
        gate.set()
        await rig.idle()
        await eventually(lambda: len(client.requests) == 2)
        assert [each.text for each in await rig.path()][::2] == ["first", "second"]
        assert prompt.text == "first"
        screen.branches.edits.leave()
        # Who leaves the app while it is asked finds it in the prompt.
        gate.clear()
        prompt.put("third")
        await attach(rig)
        await rig.pilot.press("enter")
        await eventually(lambda: len(asked) == 3)
        third = left.id
    async with running(tmp_path) as rig:
        draft = await rig.backend.store.draft(third)
        assert draft.text == f"third {CAT_CHIP} "
