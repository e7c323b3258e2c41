"""The library of prompts: written, changed, found, deleted."""

from chat_tui.core.errors import UsageError
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.prompt_presets import BUILT_IN
from chat_tui.ui.screens.library import LibraryScreen
from tests.fakes import eventually
from tests.ui.host import Host, hosting


class Shelf:
    """A `PromptLibrary` in memory."""

    def __init__(self, *prompts: SavedPrompt) -> None:
        self.kept = {prompt.name: prompt for prompt in prompts}

    async def prompts(self) -> list[SavedPrompt]:
        return [self.kept[name] for name in sorted(self.kept)]

    async def save(self, prompt: SavedPrompt, *, was: str = "") -> None:
        if not prompt.name or (prompt.name != was and prompt.name in self.kept):
            raise UsageError("That name cannot be taken.")
        self.kept.pop(was, None)
        self.kept[prompt.name] = prompt

    async def delete(self, name: str) -> None:
        del self.kept[name]


def names(host: Host) -> list[str]:
    assert isinstance(host.screen, LibraryScreen)
    return [
        str(option.prompt) for option in host.screen.found.options if "·" not in str(option.prompt)
    ]


async def test_prompt_is_written_changed_and_deleted() -> None:
    shelf = Shelf()
    async with hosting(LibraryScreen(shelf, "  what I wrote ")) as host:
        await eventually(lambda: "makes a copy of your own" in host.drawn())
        await host.pilot.press("n")
        await host.pilot.pause()
        await host.type("greet")
        await host.pilot.press("enter")
        await host.type("Hello {")
        await host.type("{name}")
        await host.type("}")
        await host.pilot.pause()
        assert "Asked for: name" in host.drawn()
        await host.pilot.press("ctrl+s")
        await eventually(lambda: shelf.kept == {"greet": SavedPrompt("greet", "Hello {{name}}")})
        await eventually(lambda: names(host) == ["greet"])

        # What stands in the prompt, under a name that is taken, then under another.
        await host.pilot.press("s")
        await host.pilot.pause()
        await host.type("greet")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: "That name cannot be taken." in host.drawn())
        await host.type("2")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: names(host) == ["greet", "greet2"])
        assert shelf.kept["greet2"].text == "what I wrote"

        # Esc asks before it throws away; the changed name takes the place of the old one.
        await host.pilot.press("e")
        await host.pilot.pause()
        await host.type("!")
        await host.pilot.press("escape")
        await eventually(lambda: "Leave without saving?" in host.drawn())
        await host.pilot.press("n")
        await host.pilot.pause()
        await host.pilot.press("shift+tab", "end", "backspace", "ctrl+s")
        await eventually(lambda: "That name cannot be taken." in host.drawn())
        await host.type("3")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: names(host) == ["greet", "greet3"])
        assert shelf.kept["greet3"].text == "!what I wrote"

        await host.pilot.press("d")
        await eventually(lambda: "Delete “greet3”?" in host.drawn())
        await host.pilot.press("y")
        await eventually(lambda: names(host) == ["greet"])
        await host.pilot.press("escape")
        await eventually(lambda: host.results == [None])


async def test_prompts_are_filtered_by_name_and_text_and_taken() -> None:
    shelf = Shelf(
        SavedPrompt("Review", "Look at this code."),
        SavedPrompt("Mail", "Write a [b]mail[/]."),
        SavedPrompt("Code", "Write some."),
    )
    async with hosting(LibraryScreen(shelf, ""), size=(60, 20)) as host:
        await eventually(lambda: names(host) == ["Code", "Mail", "Review"])
        await host.pilot.press("j")
        await eventually(lambda: "Write a [b]mail[/]." in host.drawn())
        await host.pilot.press("slash")
        await host.type("code")
        await eventually(lambda: names(host) == ["Code", "Review"])
        await host.type(" zzz")
        await eventually(lambda: "No saved prompt holds these words." in host.drawn())
        await host.pilot.press("escape")
        await eventually(lambda: names(host) == ["Code", "Mail", "Review"])
        await host.pilot.press("j", "j", "enter")
        await eventually(lambda: host.results == [shelf.kept["Review"]])


async def test_library_opens_filtered_and_takes_from_the_filter() -> None:
    shelf = Shelf(SavedPrompt("One", "1"), SavedPrompt("Two", "2"))
    async with hosting(LibraryScreen(shelf, "", "two"), size=(40, 12)) as host:
        await eventually(lambda: names(host) == ["Two"])
        await host.pilot.press("s")
        await eventually(
            lambda: host.toasts == ["Nothing stands in the prompt that could be saved."]
        )
        await host.pilot.press("slash", "enter")
        await eventually(lambda: host.results == [shelf.kept["Two"]])


async def test_built_in_prompts_are_shown_copied_and_stay() -> None:
    shelf = Shelf()
    async with hosting(LibraryScreen(shelf, "")) as host:
        await eventually(lambda: "Document analysis · built in" in host.drawn())
        assert "You are an expert in document analysis." in host.drawn()
        await host.pilot.press("d")
        await eventually(lambda: host.toasts == ["Document analysis comes with the app and stays."])
        await host.pilot.press("e")
        await host.pilot.pause()
        await host.type("mine")
        await host.pilot.press("ctrl+s")
        await eventually(lambda: names(host) == ["mine"])
        assert "attach: document" in shelf.kept["mine"].text
        assert not shelf.kept["mine"].built_in
        await host.pilot.press("j", "enter")
        await eventually(lambda: host.results == [BUILT_IN[0]])
