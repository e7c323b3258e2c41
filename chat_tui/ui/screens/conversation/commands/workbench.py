"""The commands that look behind a conversation: parameters, providers, what went over the wire."""

from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.safety import clean_line
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.core.turns import OpenConversation


class WorkbenchCommands(CommandGroup):
    """Opens the screens about requests, and does what they give.

    Each screen is imported by the command that opens it: 4 to 19 ms that the first frame need not
    pay.
    """

    def show_parameters(self) -> None:
        """Change the request parameters of this conversation."""
        self._in_background(self._show_parameters(), "parameters")

    async def _show_parameters(self) -> None:
        from chat_tui.ui.screens.parameters import ParametersScreen

        chat = await self._ready()
        dialog = ParametersScreen(chat.target, self._screen.session.desk)
        chosen = await self._screen.app.push_screen_wait(dialog)
        if chosen is None:
            return
        await self._screen.session.manager.set_parameters(chat, chosen)
        names = clean_line(", ".join(chosen), code=True)
        if names:
            self._tell("notice.parameters", names=names)
        else:
            self._tell("notice.no-parameters")
        self._screen.update_status()

    def show_providers(self) -> None:
        """Look at the providers; the next prompts may go to one of them."""
        self._in_background(self._show_providers(), "providers")

    async def _show_providers(self) -> None:
        from chat_tui.ui.screens.providers.screen import ProvidersScreen

        chat = await self._ready()
        dialog = ProvidersScreen(chat.target, self._screen.session.desk)
        target = await self._screen.app.push_screen_wait(dialog)
        if target is None and self._is_gone(chat.target.provider):
            target = self._screen.session.backend.target
        if target is not None:
            await self._screen.answering.switch_to(target)
        else:
            # A provider that was edited may be shown otherwise now.
            self._screen.stage.show_welcome()
            self._screen.update_status()

    def _is_gone(self, provider: str) -> bool:
        """Whether a provider was deleted, and new conversations go to one that is there."""
        names = {row.profile.name for row in self._screen.session.desk.providers()}
        return provider not in names and self._screen.session.backend.target.provider in names

    def show_raw(self, *, last: bool = False) -> None:
        """Show what was sent and received for the marked reply, else for the last one.

        Args:
            last: whether the last one is meant, whatever is marked.
        """
        self._in_background(self._show_raw(last=last), "raw")

    async def _show_raw(self, *, last: bool) -> None:
        from chat_tui.ui.screens.raw.screen import RawScreen

        chat = await self._ready()
        messages = await chat.messages(self._reply_meant(chat, last=last))
        if not messages:
            self._tell("notice.nothing-raw")
            return
        reply = messages[0]
        exchanges = partial(self._screen.session.desk.exchanges, reply.id)
        await self._screen.app.push_screen_wait(RawScreen(reply, exchanges, self._screen.copy))

    def _reply_meant(self, chat: "OpenConversation", *, last: bool) -> list[str]:
        """The marked reply, the one to the marked prompt, or the last one, as a list of ids."""
        path = chat.tree.path()
        marked = None if last else self._screen.reading.marked
        later = path if marked is None else path[marked:]
        replies = [id_ for id_ in later if chat.tree[id_].role == "assistant"]
        return replies[-1:] if marked is None else replies[:1]
