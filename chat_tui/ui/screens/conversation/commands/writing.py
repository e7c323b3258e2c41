"""Earlier prompts, long pastes, the library of prompts, drafts."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.core.drafts import Draft
from chat_tui.core.messages import ImagePart
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.safety import clean, clean_line
from chat_tui.ui.attached_words import shown_name
from chat_tui.ui.completion import Completion
from chat_tui.ui.dropped_paths import dropped_files, path_readings
from chat_tui.ui.path_completion import AddressSource, PathSource
from chat_tui.ui.prompt_history import PromptHistory
from chat_tui.ui.screens.conversation.commands.group import CommandGroup
from chat_tui.ui.screens.conversation.drafts import DraftKeeper
from chat_tui.ui.screens.conversation.slash_commands import SlashCommands
from chat_tui.ui.screens.conversation.slash_offers import SlashOffers
from chat_tui.ui.widgets.chips import is_long
from chat_tui.ui.widgets.completions import Completions

if TYPE_CHECKING:
    from textual.document._document import Selection

    from chat_tui.core.attachments.prompts import Prompt
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView
    from chat_tui.ui.widgets.prompt import PromptInput

_MOST_UNFOLDED = 100_000
"""Characters of a prompt with which a key is still heard at once."""


class WritingCommands(CommandGroup):
    """Earlier prompts, long pastes, the library of prompts, drafts.

    It is the helper of the prompt (see `PromptHelper`).

    Args:
        screen: whose commands they are.
    """

    def __init__(self, screen: "ConversationView") -> None:
        super().__init__(screen)
        self.drafts = DraftKeeper(screen)
        """Keeps what is written and not sent."""
        self.popup = Completions()
        """Shows what can be completed; to be mounted before the prompt."""
        self._offers = SlashOffers(screen, self.changed)
        self.commands = SlashCommands(screen, self._offers)
        """Runs what begins with a slash."""
        self._history = PromptHistory()
        self._recalled: tuple[str, Selection] | None = None
        """Text and cursor as the last step through the history left them."""
        self._completion = Completion(
            screen.prompt,
            self.popup,
            (self._offers, PathSource(self.changed, Path.cwd()), AddressSource()),
            lambda path, words: screen.attaching.attach_named(path, words),
        )

    # As helper of the prompt

    def changed(self) -> None:
        """Look again at what can be completed at the cursor."""
        self._completion.follow()

    def not_typed(self) -> None:
        """Offer nothing for what was recalled, or came back."""
        self._completion.hush()

    def takes(self, key: str) -> bool:
        """Whether a key was for what is offered."""
        return self._completion.takes(key)

    def entered(self) -> bool:
        """Whether Enter was for what is offered, and sends nothing."""
        return self._completion.entered()

    def close_popup(self) -> bool:
        """Offer nothing more; tells whether something was offered."""
        return self._completion.close()

    def recall_at_edge(self, step: int, *, at_edge: bool) -> bool:
        """Step through what was sent, from the first or last line, or from the step before.

        What stands before the cursor is what an earlier prompt must begin with.
        """
        prompt = self._screen.prompt
        if step < 0 and self._screen.queueing.take_back():
            return True
        goes_on = self._recalled == (prompt.text, prompt.selection)
        if not at_edge and not goes_on:
            return False
        return self._recall(step, prompt.get_text_range((0, 0), prompt.cursor_location))

    # Earlier prompts

    async def recall(self, step: int) -> None:
        """Bring an earlier or later prompt into the input."""
        if not self._recall(step, "") and step < 0:
            self._tell("writing.nothing-earlier", timeout=3)

    def _recall(self, step: int, before: str) -> bool:
        if step < 0 and not self._history.loaded:
            self._in_background(self._load_and_recall(before), "history")
            return True
        prompt = self._screen.prompt
        found = self._history.step(step, prompt.draft, before)
        if found is None:
            return False
        prompt.write(replace(found, text=clean(found.text)))
        self._history.show(prompt.draft)
        self._recalled = (prompt.text, prompt.selection)
        return True

    async def _load_and_recall(self, before: str) -> None:
        chat = await self._ready()
        if not self._history.loaded:
            self._history.load(await self._screen.session.store.recent_prompts())
        if chat is self._screen.session.chat and not self._recall(-1, before):
            self._tell("writing.nothing-earlier", timeout=3)

    def remember(self, chat: "OpenConversation", sent: "PromptInput.Submitted") -> None:
        """Add to the history what is sent; a draft that waited behind it comes back."""
        self.note(chat, sent.prompt, sent.draft)
        kept = self._history.leave()
        # The beginning of a word that was looked for is no draft.
        if kept.text and not sent.draft.text.startswith(kept.text):
            self._screen.prompt.give_back(kept)

    def note(self, chat: "OpenConversation", prompt: "Prompt", draft: Draft) -> None:
        """Add a prompt to the history, sent or not.

        Args:
            chat: where it was written.
            prompt: all of it.
            draft: as it stood there.
        """
        # What is attached in a temporary conversation is nowhere else.
        nameless = chat.temporary and prompt.attached
        self._history.add(Draft(prompt.text) if nameless else draft)

    def kept(self) -> Draft:
        """What is to be kept of what stands in the prompt."""
        return self._history.draft(self._screen.prompt.draft)

    def forget_place(self) -> None:
        """Another conversation's draft comes into the prompt."""
        self._history.leave()

    # Pastes

    def open_paste(self) -> None:
        """Show a folded paste."""
        self._in_background(self._open_paste(), "paste")

    async def _open_paste(self) -> None:
        # 5 ms that only who opens one need pay.
        from chat_tui.ui.screens.paste import PasteScreen

        prompt = self._screen.prompt
        label = prompt.chip_at_cursor()
        if not label:
            several = prompt.draft.pastes or prompt.attached
            self._tell("writing.which-paste" if several else "writing.no-paste")
            return
        part = prompt.chips.part(label)
        if isinstance(part, ImagePart):
            self._tell("writing.is-picture", name=shown_name(part))
            return
        before = prompt.chips.words(label) if part is None else clean(part.text)
        chat, planner = await self._ready(), self._screen.session.manager.context
        tokens = await planner.draft_tokens(before, chat.target)
        opened = await self._screen.app.push_screen_wait(PasteScreen(before, tokens))
        if opened is None:
            return
        if part is not None and not opened.unfolded:
            prompt.replace_chip(label, prompt.chips.attach(replace(part, text=opened.words)))
        elif not opened.unfolded and is_long(opened.words):
            prompt.replace_chip(label, prompt.chips.change(label, opened.words))
        elif opened.unfolded and len(opened.words) + len(prompt.text) > _MOST_UNFOLDED:
            self._tell("writing.too-long-to-unfold", timeout=6)
        else:
            prompt.replace_chip(label, opened.words)

    # Pictures and documents

    def holds(self) -> bool:
        """Whether what is to be attached is still being read; says so."""
        if not (name := self._screen.attaching.reading):
            return False
        self._tell("writing.still-reading", name=name)
        return True

    def pasted(self, raw: str, words: str) -> None:
        """Attach the files whose paths were pasted, as terminals do it with what is dropped."""
        if path_readings(raw) and not self._means_a_path(words):
            self._in_background(self._drop(raw, words), "drop")

    def _means_a_path(self, pasted: str) -> bool:
        """Whether what was pasted belongs to what stands before it: a command, or an @."""
        written = self._screen.prompt.text
        return written[: written.rfind(pasted)].endswith("@") or self.commands.runs(written)

    async def _drop(self, raw: str, words: str) -> None:
        chat = await self._ready()
        if paths := await dropped_files(raw):
            await self._screen.attaching.attach(chat, paths, instead_of=words)

    # Saved prompts

    def show_library(self, words: str = "") -> None:
        """Take a saved prompt; `words` filter them at first."""
        self._in_background(self._show_library(words), "library")

    async def _show_library(self, words: str) -> None:
        # 8 ms that only who opens it need pay.
        from chat_tui.ui.screens.library import LibraryScreen

        await self._ready()
        library = LibraryScreen(self._screen.session.library, self._screen.prompt.content, words)
        chosen = await self._screen.app.push_screen_wait(library)
        self._offers.forget_prompts()
        if chosen is not None:
            await self._insert(chosen, "")

    def take_saved(self, prompt: SavedPrompt, words: str = "") -> None:
        """Write a saved prompt at the cursor.

        Args:
            prompt: what is asked for its places before that.
            words: go into its first place, or follow it where it has none.
        """
        self._in_background(self._insert(prompt, words), "saved prompt")

    async def _insert(self, prompt: SavedPrompt, words: str) -> None:
        # 8 ms that only who takes one need pay.
        from chat_tui.core.prompt_presets import preset_of
        from chat_tui.ui.screens.conversation.presets import ask_for_document, set_up
        from chat_tui.ui.screens.filling import FillScreen

        preset, name = preset_of(prompt), clean_line(prompt.name, code=True)
        prompt = replace(prompt, text=preset.text)
        places = prompt.variables
        if not places:
            written = "\n\n".join(filter(None, (prompt.text, words)))
        else:
            if words:
                places[next(iter(places))] = words
            values = await self._screen.app.push_screen_wait(FillScreen(prompt, places))
            if values is None:
                return
            written = prompt.filled(dict(values))
        if preset.sets and not await set_up(self._screen, name, preset):
            return
        input_ = self._screen.prompt
        self._screen.set_focus(input_)
        if input_.content.strip() == clean(prompt.text).strip():
            # It was written there, and saved.
            input_.write(clean(written))
        else:
            input_.insert_words(clean(written))
            self.not_typed()
        ask_for_document(self._screen, preset)

    # What it tells

    def tell_empty(self) -> None:
        """There is nothing to be sent."""
        self._tell("notice.nothing-to-send", timeout=3)
