"""What can be done everywhere on the conversation screen, and in the list."""

from dataclasses import replace

from textual.command import CommandPalette
from textual.widgets import TextArea

from chat_tui.core.targets import Target
from chat_tui.ui.backend import FoundServer
from chat_tui.ui.screens.dialogs import RenameDialog
from chat_tui.ui.screens.help import HelpScreen
from chat_tui.ui.screens.leader import LeaderScreen
from chat_tui.ui.screens.picker.screen import ModelPicker
from tests.fakes import TARGET
from tests.ui.actions.hands import Hands, scenario

OTHER = Target(TARGET.provider, "model-2")


@scenario("conversation", "palette", "toggle-dark", "help")
async def _app(hands: Hands) -> None:
    rig = hands.rig
    await hands.press("palette")
    await hands.on(CommandPalette)
    await hands.strike("escape")
    await hands.back()
    await hands.press("help")
    await hands.on(HelpScreen)
    await hands.press("help")
    await hands.back()
    dark = rig.app.current_theme.dark
    await hands.press("toggle-dark")
    await hands.until(lambda: rig.app.current_theme.dark is not dark)
    await hands.press("toggle-dark")
    await hands.until(lambda: rig.app.current_theme.dark is dark)


@scenario("conversation", "leader", "stop")
async def _leader(hands: Hands) -> None:
    await hands.press("leader")
    await hands.on(LeaderScreen)
    await hands.strike("escape")
    await hands.back()
    await hands.say("wait")
    await hands.press("stop")
    await hands.idle()
    assert (await hands.path_texts())[-1] == "Begun."
    await hands.press("stop")
    await hands.until(lambda: hands.focuses(hands.rig.screen.transcript))
    await hands.press("leave-reading")
    await hands.until(lambda: hands.focuses(hands.rig.screen.prompt))


@scenario("conversation", "copy-or-stop")
async def _copy_or_stop(hands: Hands) -> None:
    await hands.say("wait")
    await hands.press("copy-or-stop")
    await hands.idle()
    assert (await hands.rig.path())[-1].status == "stopped"
    await hands.press("copy-or-stop")
    await hands.until(lambda: hands.told("quits."))


@scenario("conversation", "new", "toggle-list", "rename")
async def _list_and_title(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("hello")
    first = rig.chat
    await hands.press("rename")
    await hands.on(RenameDialog)
    await hands.write("mine")
    await hands.strike("enter")
    await hands.until(lambda: first.conversation.title == "mine")
    shown = rig.screen.list_of_conversations.region.width
    await hands.press("toggle-list")
    await hands.until(lambda: rig.screen.list_of_conversations.region.width != shown)
    await hands.press("toggle-list")
    await hands.until(lambda: rig.screen.list_of_conversations.region.width == shown)
    await hands.press("new")
    await hands.until(lambda: rig.chat is not first)


@scenario("conversation", "delete", "undo")
async def _delete(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("to be deleted")
    first = rig.chat.id
    await hands.press("delete")
    await hands.until(lambda: rig.chat.id != first)
    await hands.press("undo")
    await hands.until(lambda: rig.chat.id == first)


@scenario("conversation", "regenerate", "focus-transcript", "redo")
async def _regenerate(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("again")
    first = rig.chat.tree.head
    await hands.press("regenerate")
    await hands.until(lambda: len(rig.chat.tree) == 3)
    await hands.idle()
    second = rig.chat.tree.head
    await hands.press("undo")
    await hands.until(lambda: rig.chat.tree.head == first)
    await hands.press("redo")
    await hands.until(lambda: rig.chat.tree.head == second)
    rig.screen.set_focus(rig.screen.prompt)
    await hands.press("focus-transcript")
    await hands.until(lambda: rig.app.focused is rig.screen.transcript)


@scenario("conversation", "copy-answer", "copy-conversation")
async def _copying(hands: Hands) -> None:
    await hands.ask("copy this")
    answer = (await hands.path_texts())[-1]
    await hands.press("copy-answer")
    await hands.until(lambda: hands.rig.app.clipboard == answer)
    await hands.press("copy-conversation")
    await hands.until(lambda: "copy this" in hands.rig.app.clipboard)
    assert answer in hands.rig.app.clipboard


@scenario("conversation", "favourite", "go-favourite", "favourite-reading", "go-favourite-reading")
async def _favourite(hands: Hands) -> None:
    await _favourite_path(hands, "")
    await hands.press("new")
    await hands.until(lambda: hands.rig.chat.tree.head is None)
    await _favourite_path(hands, "-reading")


async def _favourite_path(hands: Hands, reading: str) -> None:
    rig = hands.rig
    await hands.ask("hello")
    favourite = rig.chat.tree.head
    if reading:
        await hands.read()
    await hands.press(f"favourite{reading}")
    await hands.until(lambda: rig.chat.conversation.favourite == favourite)
    await hands.press("regenerate")
    await hands.until(lambda: len(rig.chat.tree) == 3)
    await hands.idle()
    if reading:
        await hands.read()
    await hands.press(f"go-favourite{reading}")
    await hands.until(lambda: rig.chat.tree.head == favourite)
    if reading:
        await hands.read()
    await hands.press(f"favourite{reading}")
    await hands.until(lambda: not rig.chat.conversation.favourite)


@scenario("conversation", "next-conversation", "previous-conversation", "pin")
async def _other_conversations(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("older")
    older = rig.chat.id
    await hands.press("new")
    await hands.until(lambda: rig.chat.id != older)
    await hands.ask("newer")
    newer = rig.chat.id
    await hands.press("next-conversation")
    await hands.until(lambda: rig.chat.id == older)
    await hands.press("previous-conversation")
    await hands.until(lambda: rig.chat.id == newer)
    await hands.press("pin")
    await hands.until(lambda: rig.chat.conversation.pinned)
    await hands.press("pin")
    await hands.until(lambda: not rig.chat.conversation.pinned)


@scenario("conversation", "temporary")
async def _temporary(hands: Hands) -> None:
    await hands.press("temporary")
    await hands.until(lambda: hands.rig.chat.temporary)


@scenario("conversation", "switch-model", "use-found")
async def _models(hands: Hands) -> None:
    rig = hands.rig
    rig.backend.listed = [TARGET, OTHER]
    await hands.press("switch-model")
    await hands.on(ModelPicker)
    await hands.write("model-2")
    await hands.strike("enter")
    await hands.until(lambda: rig.chat.target.model == "model-2")
    rig.screen.found = FoundServer(TARGET, "Local")
    await hands.press("use-found")
    await hands.until(lambda: rig.chat.target.model == TARGET.model)


@scenario(
    "conversation",
    "system-prompt",
    "system-prompt-keep",
    "system-prompt-usual",
    "system-prompt-clear",
    "system-prompt-leave",
)
async def _system_prompt(hands: Hands) -> None:
    session = hands.rig.screen.session
    session.settings = replace(session.settings, system_prompt="Be brief.")
    await hands.press("system-prompt")
    screen = await hands.on("SystemPromptScreen")
    area = screen.query_one(TextArea)
    await hands.press("system-prompt-usual")
    await hands.until(lambda: area.text == "Be brief.")
    await hands.press("system-prompt-clear")
    await hands.until(lambda: area.text == "")
    await hands.write("abc")
    await hands.press("system-prompt-keep")
    await hands.back()
    await hands.until(lambda: hands.rig.chat.conversation.system_prompt == "abc")
    await hands.press("system-prompt")
    await hands.on("SystemPromptScreen")
    await hands.press("system-prompt-leave")
    await hands.back()
    session.settings = replace(session.settings, system_prompt="")


@scenario(
    "conversation", "open", "list-next", "list-previous", "list-first", "list-last", "list-new"
)
async def _list(hands: Hands) -> None:
    rig = hands.rig
    for prompt in ("first", "second", "third"):
        await hands.ask(prompt)
        await hands.press("new")
        await hands.until(lambda: rig.chat.tree.head is None)
    await hands.press("open")
    rows = rig.screen.list_of_conversations
    assert hands.focuses(rows)
    await hands.press("list-first")
    first = rows.marked
    assert first is not None
    await hands.press("list-next")
    await hands.until(lambda: rows.marked not in (None, first))
    await hands.press("list-previous")
    await hands.until(lambda: rows.marked == first)
    await hands.press("list-last")
    await hands.until(lambda: rows.marked not in (None, first))
    opened = rig.chat
    await hands.press("list-new")
    await hands.until(lambda: rig.chat is not opened and hands.focuses(rig.screen.prompt))


@scenario("conversation", "list-rename", "list-delete", "list-undo", "list-pin")
async def _rows(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("a row")
    chat = rig.chat
    rows = rig.screen.list_of_conversations
    await hands.until(lambda: any(row.id == chat.id for row in rows.options))
    await hands.press("open")
    assert rows.marked is not None
    assert rows.marked.id == chat.id
    await hands.press("list-rename")
    await hands.on(RenameDialog)
    await hands.write("mine")
    await hands.strike("enter")
    await hands.until(lambda: rows.marked is not None and rows.marked.title == "mine")
    await hands.press("list-pin")
    await hands.until(lambda: rows.marked is not None and rows.marked.pinned)
    await hands.press("list-delete")
    await hands.until(lambda: rows.marked is None or rows.marked.id != chat.id)
    await hands.press("list-undo")
    await hands.until(lambda: rig.chat.id == chat.id)
    await hands.until(lambda: rows.marked is not None and rows.marked.id == chat.id)


@scenario("conversation", "quit")
async def _quit(hands: Hands) -> None:
    await hands.press("quit")
    await hands.until(lambda: not hands.rig.app.is_running)
