"""Drafts: each conversation has its own, and none is lost."""

import asyncio
from functools import partial
from pathlib import Path

from chat_tui.core.drafts import OF_A_NEW_CONVERSATION, Draft
from chat_tui.core.errors import UsageError
from chat_tui.core.events import ReplyFinished, TextDelta
from chat_tui.core.targets import Target
from tests.fakes import ScriptedClient, answer, eventually
from tests.ui.rig import Rig, running


async def stored(rig: Rig, key: str, words: str) -> None:
    """Wait until a draft is in the store."""
    async with asyncio.timeout(5):
        while (await rig.backend.store.draft(key)).text != words:  # noqa: ASYNC110 - with a deadline
            await asyncio.sleep(0.01)


async def show(rig: Rig, id_: str) -> None:
    await rig.screen.show_chat(await rig.screen.session.open_chat(id_))
    await rig.pilot.pause()


async def test_each_conversation_has_its_own_draft_which_survives_the_app(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        prompt, new = rig.screen.prompt, OF_A_NEW_CONVERSATION
        await rig.type("for later")
        await stored(rig, new, "for later")
        prompt.put("")
        await rig.ask("one")
        first = rig.chat.id
        await stored(rig, new, "")
        await rig.type("draft of one")
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat.id != first)
        await rig.pilot.pause()
        assert prompt.text == ""
        await rig.ask("two")
        second = rig.chat.id
        await show(rig, first)
        assert prompt.text == "draft of one"
        # Undo does not lead into the other conversation.
        await rig.pilot.press("ctrl+z")
        assert prompt.text == "draft of one"
        await show(rig, second)
        assert prompt.text == ""
        prompt.put("x" * 30_000)
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat.id != second)
        # Two new conversations in a row share theirs.
        await rig.type("new one")
        before = rig.chat
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not before)
        await rig.pilot.pause()
        assert prompt.text == "new one"
        await rig.pilot.press("ctrl+q")
    async with running(tmp_path, answer("ok"), resume=second) as rig:
        await eventually(lambda: rig.screen.prompt.text == "[Paste 1: 30,000 characters]")
        assert rig.screen.prompt.content == "x" * 30_000
        await show(rig, first)
        assert rig.screen.prompt.text == "draft of one"
    async with running(tmp_path, answer("ok")) as rig:
        await eventually(lambda: rig.screen.prompt.text == "new one")


async def test_what_is_sent_is_in_the_draft_until_it_is_stored(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with running(tmp_path, [TextDelta("x"), gate, ReplyFinished("stop")]) as rig:
        drafts, saved = rig.screen.writing.drafts, list[tuple[str, str]]()
        save_draft = rig.backend.store.save_draft

        def noting(conversation: str, draft: Draft) -> None:
            saved.append((conversation, draft.text))
            save_draft(conversation, draft)

        rig.backend.store.save_draft = noting  # type: ignore[method-assign]
        drafts.sending(rig.chat, Draft("precious"))
        rig.screen.prompt.put("more")
        drafts.save()
        assert saved == [(OF_A_NEW_CONVERSATION, "precious\nmore")]
        rig.screen.prompt.put("")
        # A command that cannot be run comes back, and takes nothing along that is on its way.
        drafts.put_back(rig.chat, Draft("/modle"))
        assert rig.screen.prompt.text == "/modle"
        assert saved[-1] == (OF_A_NEW_CONVERSATION, "precious\n/modle")
        rig.screen.prompt.put("")
        await rig.send("precious")
        assert saved[-2:] == [(OF_A_NEW_CONVERSATION, ""), (rig.chat.id, "")]
        gate.set()
        await rig.idle()


async def test_refused_prompt_is_back_in_its_own_conversation(tmp_path: Path) -> None:
    class Refusing:
        client = ScriptedClient(answer("ok"))
        refuses = False

        def client_for(self, target: Target) -> ScriptedClient:
            if self.refuses:
                raise UsageError("No key for this provider.")
            return self.client

    clients = Refusing()
    async with running(tmp_path, clients=clients) as rig:
        await rig.ask("one")
        first = rig.chat
        clients.refuses = True
        await rig.type("mine")
        rig.screen.writing.drafts.sending(first, Draft("refused words"))
        await rig.pilot.press("ctrl+n")
        await eventually(lambda: rig.chat is not first)
        send = partial(rig.screen.session.manager.send, first, "refused words")
        rig.screen.turns.start(first, send, "refused words")
        await eventually(lambda: bool(rig.toasts))
        await rig.idle()
        assert rig.screen.prompt.text == ""
        await show(rig, first.id)
        assert rig.screen.prompt.text == "refused words\nmine"


async def test_draft_of_a_temporary_conversation_is_nowhere_on_disk(tmp_path: Path) -> None:
    async with running(tmp_path, answer("ok")) as rig:
        await rig.ask("one")
        first = rig.chat.id
        session = rig.screen.session
        chat = session.manager.start(rig.chat.target, temporary=True)
        await rig.screen.show_chat(chat)
        await rig.type("marker-of-a-draft")
        rig.screen.writing.drafts.save()
        assert (await chat.store.draft(chat.id)).text == "marker-of-a-draft"
        await rig.ask("marker-of-a-prompt")
        await rig.pilot.press("up")
        await eventually(lambda: rig.screen.prompt.text == "marker-of-a-prompt")

        # A draft that cannot be read leaves the conversation usable.
        async def failing(conversation: str) -> Draft:
            raise UsageError(f"The draft of {conversation} cannot be read.")

        rig.backend.store.draft = failing  # type: ignore[method-assign]
        await show(rig, first)
        await eventually(lambda: any("cannot be read" in toast for toast in rig.toasts))
        await rig.ask("goes on")
        assert (await rig.path())[-2].text == "goes on"
        await rig.pilot.press("ctrl+q")
    files = _contents(tmp_path)
    assert files
    assert not [content for content in files if b"marker-of-a" in content]


def _contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
