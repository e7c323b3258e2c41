"""What can be done while one reads."""

from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.screens.picker.screen import ModelPicker
from tests.fakes import TARGET
from tests.ui.actions.hands import Hands, scenario


@scenario("reading", "next-message", "previous-message", "first-message", "last-message", "write")
async def _messages(hands: Hands) -> None:
    transcript = hands.rig.screen.transcript
    await hands.ask("long", "short")
    await hands.read(1)
    await hands.press("next-message")
    await hands.until(lambda: transcript.current == 2)
    await hands.press("previous-message")
    await hands.until(lambda: transcript.current == 1)
    await hands.press("first-message")
    await hands.until(lambda: transcript.scroll_offset.y == 0)
    await hands.press("last-message")
    await hands.until(lambda: transcript.following)
    await hands.press("write")
    await hands.until(lambda: hands.rig.app.focused is hands.rig.screen.prompt)


@scenario("reading", "leave-reading")
async def _leaving(hands: Hands) -> None:
    await hands.ask("hello")
    await hands.read()
    await hands.press("leave-reading")
    await hands.until(lambda: hands.focuses(hands.rig.screen.prompt))


@scenario(
    "reading",
    *("line-down", "line-up", "half-page-down", "half-page-up", "read-page-down", "read-page-up"),
)
async def _scrolling(hands: Hands) -> None:
    transcript = hands.rig.screen.transcript
    await hands.ask("long")
    await hands.read()
    await hands.press("first-message")
    await hands.until(lambda: transcript.scroll_offset.y == 0)
    height = transcript.size.height
    down = (("line-down", 1), ("half-page-down", height // 2), ("read-page-down", height - 1))
    for id_, lines in down:
        await hands.press(id_)
        await hands.until(lambda lines=lines: transcript.scroll_offset.y == lines)  # type: ignore[misc]
        await hands.press(id_.replace("down", "up"))
        await hands.until(lambda: transcript.scroll_offset.y == 0)


@scenario("reading", "next-prompt", "previous-prompt")
async def _prompts(hands: Hands) -> None:
    transcript = hands.rig.screen.transcript
    await hands.ask("one", "two", "three")
    await hands.read(2)
    await hands.press("next-prompt")
    await hands.until(lambda: transcript.current == 4)
    await hands.press("previous-prompt", "previous-prompt")
    await hands.until(lambda: transcript.current == 0)


@scenario("reading", "next-code", "previous-code", "copy-code", "save-code")
async def _code(hands: Hands) -> None:
    transcript = hands.rig.screen.transcript
    await hands.ask("code")
    await hands.read(0)
    await hands.press("next-code", "next-code")
    await hands.until(lambda: transcript.code is not None)
    second = transcript.code
    await hands.press("previous-code")
    await hands.until(lambda: transcript.code != second)
    await hands.press("copy-code")
    await hands.until(lambda: hands.rig.app.clipboard == "print(1)")
    await hands.press("save-code")
    await hands.on("SaveCodeDialog")


@scenario("reading", "fold", "fold-message", "fold-all")
async def _folding(hands: Hands) -> None:
    transcript = hands.rig.screen.transcript
    await hands.ask("think")
    await hands.read(1)
    await hands.press("fold")
    await hands.until(lambda: "A thought." in hands.rig.drawn())
    await hands.press("fold")
    await hands.until(lambda: "A thought." not in hands.rig.drawn())
    await hands.ask("long")
    await hands.read(3)
    tall = transcript.virtual_size.height
    await hands.press("fold-message")
    await hands.until(lambda: transcript.virtual_size.height < tall)
    await hands.press("fold-message")
    await hands.until(lambda: transcript.virtual_size.height == tall)
    await hands.press("fold-all")
    await hands.until(lambda: transcript.virtual_size.height < tall)


@scenario("reading", "unread", "timestamps")
async def _times(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("hello")
    await hands.read()
    await hands.press("timestamps")
    await hands.until(lambda: "22:13" in rig.drawn())
    await hands.press("timestamps")
    await hands.until(lambda: "22:13" not in rig.drawn())
    await hands.press("unread")
    await hands.until(lambda: hands.told(text("reading.nothing-new")))


@scenario("reading", "scroll-left", "scroll-right")
async def _wide(hands: Hands) -> None:
    await hands.ask("wide")
    await hands.read(1)
    before = _row_with(hands, "a long heading")
    await hands.press("scroll-right")
    await hands.until(lambda: _row_with(hands, "a long heading") != before)
    await hands.press("scroll-left")
    await hands.until(lambda: _row_with(hands, "a long heading") == before)


def _row_with(hands: Hands, words: str) -> str:
    """The first row of the screen with some words."""
    return next((row for row in hands.rig.drawn().splitlines() if words in row), "")


@scenario("reading", "select-up", "select-down", "copy-message")
async def _selecting(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("hello")
    await hands.read(1)
    await hands.press("copy-message")
    text = (await hands.path_texts())[1]
    await hands.until(lambda: rig.app.clipboard == text)
    await hands.press("select-up", "select-up")
    await hands.until(lambda: bool(rig.screen.get_selected_text()))
    one = rig.screen.get_selected_text()
    await hands.press("select-down")
    await hands.until(lambda: rig.screen.get_selected_text() != one)


@scenario("reading", "regenerate-message", "previous-sibling", "next-sibling")
async def _versions(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("hello")
    await hands.read(1)
    first = rig.chat.tree.head
    await hands.press("regenerate-message")
    await hands.until(lambda: len(rig.chat.tree) == 3)
    await hands.idle()
    second = rig.chat.tree.head
    await hands.read(1)
    await hands.press("previous-sibling")
    await hands.until(lambda: rig.chat.tree.head == first)
    await hands.press("next-sibling")
    await hands.until(lambda: rig.chat.tree.head == second)


@scenario("reading", "continue-answer")
async def _continue(hands: Hands) -> None:
    await hands.ask("cut")
    await hands.read(1)
    await hands.press("continue-answer")
    await hands.until(lambda: "Half ofTo" in hands.rig.drawn())
    await hands.idle()


@scenario("reading", "retry-other-model")
async def _other_model(hands: Hands) -> None:
    rig = hands.rig
    rig.backend.listed = [TARGET, Target(TARGET.provider, "model-2")]
    await hands.ask("hello")
    await hands.read(1)
    await hands.press("retry-other-model")
    await hands.on(ModelPicker)
    await hands.write("model-2")
    await hands.strike("enter")
    await hands.until(lambda: len(rig.chat.tree) == 3)
    await hands.idle()
    assert (await rig.path())[-1].model == "model-2"


@scenario("reading", "leave-out")
async def _leave_out(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("refuse")
    await hands.read(1)
    await hands.press("leave-out")
    await hands.until(lambda: "temperature" in rig.desk.learnt(rig.chat.target).left_out)
    await hands.idle()


@scenario("reading", "wait-and-retry", "retry-now")
async def _waiting(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("limit")
    await hands.read(1)
    await hands.press("wait-and-retry")
    await hands.until(lambda: "Retry in" in rig.drawn())
    await hands.read()
    await hands.press("retry-now")
    await hands.until(lambda: len(rig.chat.tree) == 3)
    await hands.idle()


@scenario("reading", "edit-message")
async def _edit(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("befor")
    await hands.read(0)
    await hands.press("edit-message")
    await hands.until(lambda: rig.screen.prompt.text == "befor")
    await hands.write("e")
    await hands.press("send")
    await hands.until(lambda: len(rig.chat.tree) == 4)
    await hands.idle()
    assert (await hands.path_texts())[0] == "before"


@scenario("reading", "delete-message", "delete-branch", "undo-reading", "redo-reading")
async def _deleting(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("one", "two")
    path = list(rig.chat.tree.path())
    await hands.read(1)
    await hands.press("delete-message")
    await hands.until(lambda: list(rig.chat.tree.path()) == [path[0], *path[2:]])
    await hands.read()
    await hands.press("undo-reading")
    await hands.until(lambda: list(rig.chat.tree.path()) == path)
    await hands.press("redo-reading")
    await hands.until(lambda: len(rig.chat.tree.path()) == 3)
    await hands.press("undo-reading")
    await hands.until(lambda: list(rig.chat.tree.path()) == path)
    await hands.until(lambda: any(told.startswith("Undone") for told in rig.toasts[-1:]))
    await hands.read(2)
    await hands.press("delete-branch")
    await hands.until(lambda: list(rig.chat.tree.path()) == path[:2])


@scenario("reading", "fork")
async def _fork(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("one", "two")
    first = rig.chat
    await hands.read(1)
    await hands.press("fork")
    await hands.until(lambda: rig.chat is not first)
    assert rig.chat.tree.shown == 2
