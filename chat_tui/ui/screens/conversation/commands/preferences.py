"""The settings: changed on their screen, in force at once."""

from dataclasses import replace
from pathlib import Path

from chat_tui.core.safety import clean
from chat_tui.core.settings import Settings
from chat_tui.core.texts import text
from chat_tui.ui.actions import KeyedApp
from chat_tui.ui.keymaps import load_keymap
from chat_tui.ui.screens.conversation.commands.group import CommandGroup


class PreferenceCommands(CommandGroup):
    """The settings."""

    def show(self) -> None:
        """Change the settings."""
        self._in_background(self._show(), "settings")

    async def _show(self) -> None:
        # 6 ms that only who changes them need pay.
        from chat_tui.ui.screens.settings import SettingsScreen

        await self._ready()
        session = self._screen.session
        desk = session.settings_desk
        choices = {
            "keymap": await desk.keymaps(),
            "provider": [row.profile.name for row in session.desk.providers()],
        }
        edit = self._screen.outside.edit_file
        screen = SettingsScreen(desk, choices, self.apply, edit)
        await self._screen.app.push_screen_wait(screen)

    async def apply(self, settings: Settings) -> None:
        """Put settings in force, all that are others than before."""
        screen, session = self._screen, self._screen.session
        before, session.settings = session.settings, settings
        if settings.theme in screen.app.available_themes:
            screen.app.theme = settings.theme
        if settings.sidebar != before.sidebar:
            screen.set_class(not settings.sidebar, "-no-list")
        if (settings.provider, settings.model) != (before.provider, before.model):
            self._use_target(settings)
        screen.reading.use_settings(settings)
        problems = self._use_keys(settings)
        if problems:
            screen.app.notify(
                clean("\n".join(problems)),
                title=text("notice.settings"),
                severity="warning",
                timeout=15,
                markup=False,
            )
        screen.update_status()

    def _use_target(self, settings: Settings) -> None:
        """Send new conversations where the settings say, else where they went so far."""
        session = self._screen.session
        target = session.backend.target
        provider = settings.provider or target.provider
        profiles = (row.profile for row in session.desk.providers())
        usual = next((each.default_model for each in profiles if each.name == provider), "")
        model = settings.model or usual
        session.backend.target = replace(target, provider=provider, model=model)

    def _use_keys(self, settings: Settings) -> list[str]:
        app: object = self._screen.app
        if not isinstance(app, KeyedApp):
            return []
        folder = Path(self._screen.session.settings_desk.path).parent / "keymaps"
        keymap, problems = load_keymap(settings.keymap, folder)
        return [*problems, *app.use_keymap(keymap, settings.keys, settings.send_key)]
