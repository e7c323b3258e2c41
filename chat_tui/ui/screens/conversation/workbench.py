"""The commands that look behind a conversation: parameters, providers, what went over the wire."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.reading import ReadingCommands

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.core.turns import OpenConversation


class WorkbenchCommands(ReadingCommands):
    """Opens the screens about requests, and does what they give.

    Each screen is imported by the command that opens it: 4 to 19 ms that the first frame need not
    pay.
    """

    @work(name="parameters", exit_on_error=False)
    async def action_show_parameters(self) -> None:
        """Change the request parameters of this conversation."""
        from chat_tui.ui.screens.parameters import ParametersScreen

        chat = await self.session.ready()
        chosen = await self.app.push_screen_wait(ParametersScreen(chat.target, self.session.desk))
        if chosen is None:
            return
        await self.session.manager.set_parameters(chat, chosen)
        names = clean_line(", ".join(chosen), code=True)
        told = text("notice.parameters", names=names) if names else text("notice.no-parameters")
        self.app.notify(told, timeout=4, markup=False)
        self.update_status()

    @work(name="providers", exit_on_error=False)
    async def action_show_providers(self) -> None:
        """Look at the providers; the next prompts may go to one of them."""
        from chat_tui.ui.screens.providers.screen import ProvidersScreen

        chat = await self.session.ready()
        target = await self.app.push_screen_wait(ProvidersScreen(chat.target, self.session.desk))
        if target is None and self._is_gone(chat.target.provider):
            target = self.session.backend.target
        if target is not None:
            await self._switch_to(target)
        else:
            # A provider that was edited may be shown otherwise now.
            self.stage.show_welcome()
            self.update_status()

    def _is_gone(self, provider: str) -> bool:
        """Whether a provider was deleted, and new conversations go to one that is there."""
        names = {row.profile.name for row in self.session.desk.providers()}
        return provider not in names and self.session.backend.target.provider in names

    @work(name="raw", exit_on_error=False)
    async def action_show_raw(self) -> None:
        """Show what was sent and received for the marked reply, else for the last one."""
        from chat_tui.ui.screens.raw.screen import RawScreen

        chat = await self.session.ready()
        messages = await self.session.manager.messages(chat, self._reply_meant(chat))
        if not messages:
            self.app.notify(text("notice.nothing-raw"), timeout=4, markup=False)
            return
        reply = messages[0]
        exchanges = partial(self.session.desk.exchanges, reply.id)
        await self.app.push_screen_wait(RawScreen(reply, exchanges, self.copy))

    def _reply_meant(self, chat: "OpenConversation") -> list[str]:
        """The marked reply, the one to the marked prompt, or the last one, as a list of ids."""
        path = chat.tree.path()
        marked = self.transcript.current
        later = path if marked is None else path[marked:]
        replies = [id_ for id_ in later if chat.tree[id_].role == "assistant"]
        return replies[-1:] if marked is None else replies[:1]

    async def _switch_to(self, target: Target) -> None:
        """Send the next prompts here, and those of new conversations, to a model."""
        await self.session.manager.switch_target(await self.session.ready(), target)
        # New conversations keep the default parameters, whatever this one has.
        defaults = self.session.backend.target.parameters
        self.session.backend.target = replace(target, parameters=defaults)
        model = clean_line(target.model, code=True)
        provider = clean_line(self.session.backend.label(target.provider))
        told = (
            text("notice.switched", model=model, provider=provider)
            if model
            else text("notice.switched-alone", provider=provider)
        )
        self.app.notify(told, timeout=5, markup=False)
        self.stage.show_welcome()
        self.update_status()
