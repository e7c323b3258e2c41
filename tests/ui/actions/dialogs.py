"""What can be done in the dialogs about messages, prompts and pastes."""

from textual.widgets import OptionList, TextArea

from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.ui.screens.branches import BranchesScreen
from chat_tui.ui.screens.dialogs import ConfirmDialog
from tests.fakes import eventually
from tests.ui.actions.hands import Hands, scenario


async def _branches(hands: Hands) -> BranchesScreen:
    """The outline of a conversation with two versions of its last answer."""
    await hands.ask("one", "two")
    await hands.press("regenerate")
    await hands.until(lambda: len(hands.rig.chat.tree) == 5)
    await hands.idle()
    await hands.press("branches")
    screen = await hands.on(BranchesScreen)
    assert isinstance(screen, BranchesScreen)
    await hands.until(lambda: len(screen.view.rows) == 5)
    return screen


@scenario(
    "dialogs",
    *("branches", "tree", "branches-next", "branches-previous", "branches-first", "branches-last"),
    *("branches-page-down", "branches-page-up", "branches-next-version"),
    *("branches-previous-version", "branches-go", "branches-back"),
)
async def _moving(hands: Hands) -> None:
    view = (await _branches(hands)).view
    await hands.press("branches-first")
    await hands.until(lambda: view.at == 0)
    await hands.press("branches-next")
    await hands.until(lambda: view.at == 1)
    await hands.press("branches-previous")
    await hands.until(lambda: view.at == 0)
    await hands.press("branches-last")
    await hands.until(lambda: view.at == 4)
    await hands.press("branches-page-up")
    await hands.until(lambda: view.at == 0)
    await hands.press("branches-page-down")
    await hands.until(lambda: view.at == 4)
    await hands.press("branches-first", "branches-next-version")
    first = view.at
    assert first > 0
    await hands.press("branches-next-version", "branches-previous-version")
    await hands.until(lambda: view.at == first)
    await hands.press("branches-back")
    await hands.back()
    await hands.read()
    await hands.press("tree")
    await hands.on(BranchesScreen)
    await hands.press("branches-first", "branches-go")
    await hands.back()
    await hands.until(lambda: hands.rig.screen.transcript.current == 0)


@scenario("dialogs", "branches-filter", "branches-favourite")
async def _filter(hands: Hands) -> None:
    screen = await _branches(hands)
    await hands.press("branches-favourite")
    await hands.until(lambda: hands.rig.chat.conversation.favourite is not None)
    await hands.press("branches-filter")
    await hands.write("one")
    await hands.until(lambda: 0 < len(screen.view.rows) < 5)


@scenario(
    "dialogs",
    *("branches-delete", "branches-delete-below", "branches-undo", "branches-redo"),
    *("branches-deleted", "branches-restore"),
)
async def _deleting(hands: Hands) -> None:
    view = (await _branches(hands)).view
    for id_, left in (("branches-delete", 4), ("branches-delete-below", 2)):
        await hands.press("branches-first", "branches-next", "branches-next")
        await hands.press(id_)
        await hands.until(lambda left=left: len(view.rows) == left)  # type: ignore[misc]
        await hands.press("branches-undo")
        await hands.until(lambda: len(view.rows) == 5)
    await hands.press("branches-redo")
    await hands.until(lambda: len(view.rows) == 2)
    await hands.press("branches-deleted")
    await hands.until(lambda: len(view.rows) == 5)
    await hands.press("branches-last", "branches-restore")
    await hands.until(lambda: not view.rows[-1].deleted)


@scenario(
    "dialogs", "code-next", "code-previous", "code-copy", "code-take", "code-save", "code-leave"
)
async def _code(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("code")
    await hands.read(1)
    for moves, take, copied in (
        (("code-next",), "code-take", "ls -l"),
        (("code-next", "code-previous"), "code-copy", "print(1)"),
    ):
        await hands.press("copy-code")
        await hands.on("CodeBlocksDialog")
        await hands.press(*moves, take)
        await hands.back()
        await hands.until(lambda copied=copied: rig.app.clipboard == copied)  # type: ignore[misc]
    await hands.press("copy-code")
    await hands.on("CodeBlocksDialog")
    await hands.press("code-leave")
    await hands.back()
    await hands.press("save-code")
    await hands.on("CodeBlocksDialog")
    await hands.press("code-save")
    await hands.on("SaveCodeDialog")


@scenario(
    "dialogs",
    *("links", "links-next", "links-previous", "links-copy", "links-open", "links-leave"),
)
async def _links(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("links")
    await hands.read(1)
    await hands.press("links")
    await hands.on("LinksDialog")
    await hands.press("links-leave")
    await hands.back()
    await hands.press("links")
    await hands.on("LinksDialog")
    await hands.press("links-next", "links-previous", "links-next", "links-copy")
    await hands.until(lambda: "two.example" in rig.app.clipboard)
    await hands.press("links")
    await hands.on("LinksDialog")
    # There is nothing here that could open it: it is copied.
    await hands.press("links-open")
    await hands.until(lambda: "one.example" in rig.app.clipboard)


@scenario(
    "dialogs",
    *("library-new", "library-edit", "library-delete", "library-next", "library-previous"),
    *("library-filter", "library-take", "library-back", "library-save"),
    *("saved-prompt-keep", "saved-prompt-leave"),
)
async def _library(hands: Hands) -> None:
    rig = hands.rig
    library = rig.screen.session.library
    for name in ("first", "second"):
        await library.save(SavedPrompt(name, f"the {name} prompt"))
    rig.screen.prompt.put("written")
    await hands.press("prompt-library")
    screen = await hands.on("LibraryScreen")
    rows = screen.query_one(OptionList)
    await hands.until(lambda: rows.option_count == 4)
    await hands.press("library-next")
    await hands.until(lambda: rows.highlighted == 1)
    await hands.press("library-previous")
    await hands.until(lambda: rows.highlighted == 0)
    for id_ in ("library-new", "library-edit"):
        await hands.press(id_)
        await hands.on("SavedPromptScreen")
        await hands.press("saved-prompt-leave")
        await hands.on("LibraryScreen")
    await hands.press("library-save")
    await hands.on("SavedPromptScreen")
    await hands.write("third")
    await hands.press("saved-prompt-keep")
    await hands.on("LibraryScreen")
    await hands.until(lambda: rows.option_count == 5)
    await hands.press("library-delete")
    await hands.on(ConfirmDialog)
    await hands.write("y")
    await hands.until(lambda: rows.option_count == 4)
    await hands.press("library-filter")
    await hands.write("second")
    await hands.until(lambda: rows.option_count == 1)
    await hands.press("library-back")
    await hands.until(lambda: rows.option_count == 4)
    await hands.press("library-back")
    await hands.back()
    rig.screen.prompt.put("")
    await hands.press("prompt-library")
    screen = await hands.on("LibraryScreen")
    await hands.until(lambda: screen.query_one(OptionList).highlighted == 0)
    await hands.press("library-take")
    await hands.until(lambda: rig.screen.prompt.text == "the first prompt")


@scenario(
    "dialogs", "prompt-library", "filling-next", "filling-line", "filling-take", "filling-leave"
)
async def _filling(hands: Hands) -> None:
    rig = hands.rig
    for saved in await rig.screen.session.library.prompts():
        await rig.screen.session.library.delete(saved.name)
    await rig.screen.session.library.save(SavedPrompt("places", "{{one}} and {{two}}"))
    await _open_places(hands)
    await hands.press("filling-leave")
    await hands.back()
    assert rig.screen.prompt.text == ""
    await _open_places(hands)
    await hands.write("a")
    await hands.press("filling-line")
    await hands.write("b")
    await hands.press("filling-next")
    await hands.write("c")
    await hands.press("filling-take")
    await hands.until(lambda: rig.screen.prompt.text == "a\nb and c")


async def _open_places(hands: Hands) -> None:
    await hands.press("prompt-library")
    screen = await hands.on("LibraryScreen")
    await hands.until(lambda: screen.query_one(OptionList).highlighted == 0)
    await hands.press("library-take")
    await hands.on("FillScreen")


@scenario("dialogs", "open-paste", "paste-keep", "paste-unfold", "paste-leave")
async def _paste(hands: Hands) -> None:
    prompt = hands.rig.screen.prompt
    prompt.put("word\n" * 400)
    assert prompt.text.startswith("[Paste")
    await hands.press("open-paste")
    await hands.on("PasteScreen")
    await hands.press("paste-leave")
    await hands.back()
    await hands.press("open-paste")
    await hands.on("PasteScreen")
    assert isinstance(hands.rig.app.focused, TextArea)
    hands.rig.app.focused.text = "short"
    await hands.press("paste-keep")
    await hands.back()
    prompt.put("word\n" * 400)
    await hands.press("open-paste")
    await hands.on("PasteScreen")
    await hands.press("paste-unfold")
    await eventually(lambda: prompt.text.startswith("word\nword"))
