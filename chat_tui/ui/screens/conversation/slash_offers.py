"""Offers what can be typed after a slash: commands, saved prompts, models, parameters."""

import re
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, get_args

from chat_tui.core.context.policy import Overflow
from chat_tui.core.errors import ChatError
from chat_tui.core.parameters import PARAMETERS
from chat_tui.core.picking.finding import Finder
from chat_tui.core.picking.query import parse_query
from chat_tui.core.picking.rows import ModelRow
from chat_tui.core.prompt_library import SavedPrompt
from chat_tui.core.prompt_presets import with_built_in
from chat_tui.core.safety import clean_line
from chat_tui.core.targets import DEMO
from chat_tui.core.texts import text
from chat_tui.ui.actions import Action, active_keys, can_run
from chat_tui.ui.completion import Choice, Offer, rank
from chat_tui.ui.slash import ARGUMENTS, Entry, entries, word_of

if TYPE_CHECKING:
    from chat_tui.ui.screens.conversation.view import ConversationView

_MOST = 200
"""Rows that are offered at the most."""

_NONE = 99
"""A rank below all others."""

_LAST_NAME = re.compile(r"(?:^|\s)(\w*)$")


class SlashOffers:
    """Knows all commands that there are now (a `Source` of completion).

    Args:
        screen: where they are typed.
        again: called when something was loaded: there is more to offer.
    """

    def __init__(self, screen: "ConversationView", again: Callable[[], None]) -> None:
        self._screen = screen
        self._again = again
        self._prompts: Sequence[SavedPrompt] | None = None
        """Those of the library; None until they are read."""
        self._models: dict[str, Finder] = {}
        """Finds what there is, by the provider whose list was asked for."""
        self._loading: set[str] = set()

    def entries(self) -> list[Entry]:
        """All commands, with the saved prompts as far as they were read."""
        screen, chat = self._screen, self._screen.session.chat
        demo = chat is not None and chat.target.provider == DEMO

        def runs(action: Action) -> bool:
            return can_run(action, screen)

        return entries(runs, self._prompts or (), demo=demo)

    def models(self, provider: str) -> Sequence[ModelRow]:
        """The models that are known to be there."""
        return self._models[provider].rows if provider in self._models else ()

    async def prompts(self) -> Sequence[SavedPrompt]:
        """The saved prompts, read anew.

        Raises:
            StorageError: they cannot be read.
        """
        self._prompts = with_built_in(await self._screen.session.library.prompts())
        return self._prompts

    def forget_prompts(self) -> None:
        """Read the saved prompts again when they are wanted."""
        self._prompts = None

    # What is offered

    def offer(self, row: int, before: str) -> Offer | None:
        """See `Source.offer`."""
        if row or not before.startswith("/"):
            return None
        word, space, rest = before[1:].partition(" ")
        if "/" in word:
            return None
        if self._prompts is None:
            self._load("prompts", self._load_prompts())
        if not space:
            return Offer(0, self._commands(word.lower()))
        choices = self._arguments(word.lower(), rest)
        if choices is None:
            return None
        last = _LAST_NAME.search(rest) if word.lower() == "set" else None
        return Offer(len(before) - len(last[1] if last else rest), choices)

    def _commands(self, word: str) -> list[Choice]:
        found: list[tuple[int, bool, int, str, Entry]] = []
        for order, entry in enumerate(self.entries()):
            ranks = [rank(word, [each], entry.label) for each in entry.words]
            fit, place = min((_NONE if fit is None else fit, at) for at, fit in enumerate(ranks))
            if fit < _NONE:
                known = entry.action is None or bool(entry.action.slash)
                found.append((fit, not known, order, entry.words[place], entry))
        found.sort(key=lambda each: each[:3])
        return [self._choice(word, name, entry, fit) for fit, _, _, name, entry in found[:_MOST]]

    def _choice(self, typed: str, word: str, entry: Entry, fit: int) -> Choice:
        takes = ARGUMENTS.get(word, "")
        key = active_keys(self._screen).shown_anywhere(entry.action.id) if entry.action else ""
        return Choice(
            f"/{word} " if takes and typed != word else f"/{word}",
            f"/{word} {takes}".rstrip(),
            text("slash.temp") if word == "temp" else clean_line(entry.label),
            key,
            runs=True,
            # A slash alone is no command yet: Enter writes the marked one out.
            sure=bool(typed) and fit <= 1,
        )

    def _arguments(self, word: str, rest: str) -> list[Choice] | None:
        chat = self._screen.session.chat
        if chat is None:
            return None
        if word in ("model", "compact"):
            return self._model_choices(chat.target.provider, rest.strip().lower())
        if word == "prompt":
            names = [clean_line(prompt.name) for prompt in self._prompts or ()]
            return [_argument(name) for name in names if rest.strip().lower() in name.lower()]
        if word == "policy":
            ways = [*get_args(Overflow), text("policy.settings")]
            return [_argument(way) for way in ways if way.startswith(rest.strip().lower())]
        if word == "set" and (typed := _LAST_NAME.search(rest)) is not None:
            names = [each.name for each in PARAMETERS if f"{each.name}=" not in rest]
            return [
                Choice(f"{name}=", name, passes=True)
                for name in names
                if name.startswith(typed[1].lower())
            ]
        return None

    def _model_choices(self, provider: str, typed: str) -> list[Choice]:
        if provider not in self._models or not (typed or self.models(provider)):
            self._load(f"models of {provider}", self._load_models(provider))
        if provider not in self._models:
            return []
        found = self._models[provider].find(parse_query(typed))
        rows = [found[at].row for at in range(min(len(found), _MOST))]
        return [
            _argument(clean_line(row.place.model, code=True), clean_line(row.label, code=True))
            for row in rows
        ]

    # Loading

    def _load(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        if what in self._loading:
            work.close()
            return
        self._loading.add(what)
        self._screen.run_worker(self._loaded(what, work), name=what, exit_on_error=False)

    async def _loaded(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        # Nobody asked for it yet: who sends the command is told what is wrong.
        with suppress(ChatError):
            await work
        self._loading.discard(what)

    async def _load_prompts(self) -> None:
        await self.prompts()
        self._again()

    async def _load_models(self, provider: str) -> None:
        # Where none come, they are asked for again with the next command only.
        self._models[provider] = Finder(())
        listing = await self._screen.session.backend.model_rows(provider)
        if listing.rows:
            self._models[provider] = Finder(listing.rows)
            self._again()


def _argument(name: str, about: str = "") -> Choice:
    return Choice(name, name, about, runs=True, passes=True)


def saved_prompt(name: str, among: Sequence[SavedPrompt]) -> SavedPrompt | None:
    """The saved prompt of a name, or of the word that stands for it after a slash."""
    wanted = name.strip().lower()
    return next((each for each in among if wanted in (each.name.lower(), word_of(each))), None)
