"""The Textual application: themes, keys, palette, screens, and the way out."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from signal import SIGINT
from types import MappingProxyType
from typing import Any, ClassVar

from textual import events
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from chat_tui import __version__
from chat_tui.core.clock import Clock
from chat_tui.core.errors import ChatError
from chat_tui.core.safety import clean
from chat_tui.core.settings import Settings
from chat_tui.core.texts import text
from chat_tui.ui.actions import (
    ACTIONS,
    CONVERSATION_SCOPES,
    Action,
    ActiveKeys,
    KeyedApp,
    bindings_for,
    can_run,
)
from chat_tui.ui.backend import Backend
from chat_tui.ui.key_order import KeyOrder
from chat_tui.ui.screens.conversation import ConversationScreen
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.sequences import Sequences
from chat_tui.ui.terminal import ControlFilter, crash_report, handle_signals
from chat_tui.ui.themes import load_themes, theme_folder, unknown_theme
from chat_tui.ui.toasts import EndingNotifications
from chat_tui.ui.widgets.frames import FramePacer

DARK, LIGHT = "chat-tui-dark", "chat-tui-light"

_CONTROL_FILTER = ControlFilter()

_DEFAULT_KEYMAP: Mapping[str, str] = MappingProxyType({})

_PROBLEMS_TOLD = 3
"""Problems with the settings that are told at the start; `chat-tui doctor` tells all."""

_OF_THE_CONVERSATION = frozenset({"leader", "command_palette"})
"""The actions that do nothing while another screen is open over the conversation."""


class ChatApp(KeyedApp):
    """The full-screen chat client.

    Args:
        backend: storage and providers; opened after the first frame.
        settings: the user's.
        clock: the time that is stored and shown.
        resume: the conversation to open; "" for the newest, None for a new one.
        problems: sentences about the settings, shown once.
        keymap: action id → keys, checked; the settings' own keys go before it.
    """

    TITLE = "chat-tui"
    # Textual does not read the CSS_PATH of a default screen, and reads all of this in one go.
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        "app.tcss",
        "screens/conversation/conversation.tcss",
    ]
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("app")]
    COMMAND_PALETTE_BINDING = "ctrl+p"
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        clock: Clock,
        *,
        resume: str | None = None,
        problems: Sequence[str] = (),
        keymap: Mapping[str, str] = _DEFAULT_KEYMAP,
    ) -> None:
        super().__init__()
        self._notifications = EndingNotifications()
        self._backend = backend
        self._problems = list(problems)
        self._crash = ""
        themes, theme_problems = load_themes(theme_folder())
        for theme in themes:
            self.register_theme(theme)
        self._problems += theme_problems
        if problem := unknown_theme(settings.theme, themes):
            self._problems.append(problem)
        self.theme = DARK if problem and DARK in self.available_themes else settings.theme
        self.active_keys = ActiveKeys({})
        self._problems += self._take_keys(keymap, settings.keys, settings.send_key)
        self._sequences = Sequences(self, self._run_on, can_run)
        self._key_order = KeyOrder(
            self, self._hear, lambda: bool(self._sequences.begun), self._is_busy
        )
        self.pacer = FramePacer(self)
        self._first_screen = partial(
            ConversationScreen,
            backend,
            settings,
            clock,
            self.pacer,
            resume=resume,
            report=self.report,
        )

    def get_default_screen(self) -> Screen[None]:
        """The conversation."""
        return self._first_screen()

    def get_driver_class(self) -> type[Driver]:
        """Textual's for this place; on a terminal, with its faults mended."""
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        # There is none on Windows.
        from chat_tui.ui.driver import TerminalDriver

        return TerminalDriver

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, and the one that keeps control characters from the terminal."""
        return [*super().get_line_filters(), _CONTROL_FILTER]

    def on_mount(self) -> None:
        """Watch for signals; tell what is wrong with the settings."""
        if not self.is_headless:
            handle_signals(self._leave_on_signal)
            self.app_resume_signal.subscribe(self, self._draw_again)
        if self._problems:
            self._tell_problems(self._problems)

    def _tell_problems(self, problems: Sequence[str]) -> None:
        """Tell what is wrong with the settings, all at once, but not all of it."""
        told = [clean(problem) for problem in problems[:_PROBLEMS_TOLD]]
        if more := len(problems) - len(told):
            told.append(text("notice.more-problems", count=more))
        words = "\n".join(told)
        title = text("notice.settings")
        self.notify(words, title=title, severity="warning", timeout=15, markup=False)

    def _draw_again(self, _app: object) -> None:
        # After SIGCONT Textual leaves the screen empty.
        self.refresh(layout=True)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: the actions of the registry that can be run now."""
        for action in ACTIONS:
            if action.palette and can_run(action, screen):
                title = f"{action.label}  {self.active_keys.shown_anywhere(action.id)}".rstrip()
                run = partial(self._run_action, action.run, screen)
                yield SystemCommand(title, action.help, run)

    def _run_action(self, action: str, screen: Screen[object]) -> None:
        self.run_worker(self.run_action(action, screen), exit_on_error=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be run now: most of what opens a screen waits until none is."""
        if action in _OF_THE_CONVERSATION:
            return isinstance(self.screen, ConversationScreen)
        if action == "help":
            return isinstance(self.screen, ConversationScreen | ActionDialog)
        return super().check_action(action, parameters)

    async def run_action(
        self,
        action: str | tuple[str, str, tuple[Any, ...]],
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action; one that fails is told of and does not end the app."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:  # noqa: BLE001 - whatever a command does, the chat goes on
            await self.report(error)
            return True

    async def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The same for work in the background."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and isinstance(error, Exception):
            await self.report(error)

    async def report(self, error: Exception) -> None:
        """Tell of an error: its own words where it has some for the user, else a report's path."""
        if isinstance(error, ChatError):
            words = error.told
        else:
            path = await self._backend.write_crash_report(crash_report(error, __version__))
            words = text("crash.worker", path=path)
        self.notify(
            clean(words),
            title=text("notice.failed"),
            severity="error",
            timeout=10,
            markup=False,
        )

    def use_keymap(
        self, keymap: Mapping[str, str], keys: Mapping[str, str], send_key: str = "enter"
    ) -> list[str]:
        """See `KeyedApp.use_keymap`."""
        problems = self._take_keys(keymap, keys, send_key)
        self.keys_changed.publish(None)
        return problems

    def _take_keys(
        self, keymap: Mapping[str, str], keys: Mapping[str, str], send_key: str
    ) -> list[str]:
        in_force: Mapping[str, str] = {}
        problems: list[str] = []
        if keymap or keys or send_key != "enter":
            # 4 ms, where the keys are not those of the registry.
            from chat_tui.ui.keymap import keys_in_force

            in_force, problems = keys_in_force(keymap, keys, send_key)
        self.active_keys.change(in_force)
        self.set_keymap(self.active_keys.for_textual())
        return problems

    async def on_event(self, event: events.Event) -> None:
        """Hear keys one after the other; all else goes its way."""
        if not await self._key_order.take(event):
            await super().on_event(event)
            await self._key_order.came_up(event)

    async def _hear(self, event: events.Event) -> None:
        """Hold a key back that begins a sequence; else let it go its way."""
        heard = await self._sequences.take(event) if isinstance(event, events.Key) else event
        if heard is not None:
            await super().on_event(heard)

    def _is_busy(self, letter: bool) -> bool:
        screen = self.screen
        return isinstance(screen, ConversationScreen) and screen.is_busy(letter=letter)

    def action_command_palette(self) -> None:
        """Open the palette."""
        self.forget_information()
        super().action_command_palette()

    def action_leader(self) -> None:
        """Wait for the key after the leader and do what it means."""
        self._sequences.begin_leader()

    async def _run_on(self, action: Action, screen: Screen[object]) -> None:
        await self.run_action(action.run, screen)

    async def _run_chosen(self, screen: Screen[object], action: Action | None) -> None:
        if action is not None:
            await self._run_on(action, screen)

    def action_help(self) -> None:
        """Show the keys of the screen."""
        from chat_tui.ui.screens.help import HelpScreen

        screen = self.screen
        scopes = (screen.SCOPE,) if isinstance(screen, ActionDialog) else CONVERSATION_SCOPES
        self.push_screen(HelpScreen(scopes), partial(self._run_chosen, screen))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy what was cut or copied in a field, by the way that works here."""
        self._clipboard = text
        screen = self.screen_stack[0]
        if isinstance(screen, ConversationScreen) and screen.session.is_open:
            self.run_worker(screen.copy(text), name="copy", exit_on_error=False)

    def action_toggle_dark(self) -> None:
        """Change between the dark and the light theme."""
        self.theme = LIGHT if self.current_theme.dark else DARK

    async def action_quit(self) -> None:
        """Stop what is running, keep it, leave; what is temporary is asked about."""
        screen = self.screen_stack[0]
        if isinstance(screen, ConversationScreen) and screen.session.is_open:
            await screen.chats.leave(self._quit)
        else:
            await self._quit()

    async def _quit(self) -> None:
        await self._close_backend()
        self.exit()

    def _leave_on_signal(self, number: int) -> None:
        if number == SIGINT and getattr(self._driver, "lent", False):
            # ctrl+c is meant for the program that has the terminal.
            return
        self.run_worker(self._leave(128 + number), name="leave", exit_on_error=False)

    async def _leave(self, code: int) -> None:
        await self._close_backend()
        self.exit(return_code=code)

    async def _close_backend(self) -> None:
        screen = self.screen_stack[0] if self.screen_stack else None
        if isinstance(screen, ConversationScreen):
            with suppress(TimeoutError):
                await screen.wind_up()
        await self._backend.close()

    @property
    def crash(self) -> str:
        """The report of the failure that ended the app; empty where none did."""
        return self._crash

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the values of all variables.
        error = self._exception
        if error is not None:
            self._crash = crash_report(error, __version__)
        self._close_messages_no_wait()
