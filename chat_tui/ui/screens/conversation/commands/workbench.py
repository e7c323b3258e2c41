"""The commands that look behind a conversation: parameters, providers, what went over the wire."""

from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.safety import clean_line
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:  # comes after the first frame: 10 ms
    from chat_tui.core.messages import ChatMessage
    from chat_tui.core.turns import OpenConversation

_LOOKED_AT = 8
"""Messages that are looked at for a reply; most messages that are no prompts are one."""


class WorkbenchCommands(CommandGroup):
    """Opens the screens about requests, and does what they give.

    Each screen is imported by the command that opens it: 4 to 19 ms that the first frame need not
    pay.
    """

    def show_parameters(self) -> None:
        """Change the request parameters of this conversation, or of the marked column."""
        if self._screen.sides.on:
            self._screen.sides.settings.edit_parameters()
        else:
            self._in_background(self._show_parameters(), "parameters")

    async def _show_parameters(self) -> None:
        from chat_tui.ui.screens.parameters import ParametersScreen

        chat = await self._ready()
        dialog = ParametersScreen(chat.target, self._screen.session.desk)
        chosen = await self._screen.app.push_screen_wait(dialog)
        if chosen is None:
            return
        await self._screen.session.manager.conversations.set_parameters(chat, chosen)
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
        session = self._screen.session
        dialog = ProvidersScreen(chat.target, session.desk, session.backend, session.choices)
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
        reply = await self._reply_meant(chat, last=last)
        if reply is None:
            self._tell("notice.nothing-raw")
            return
        exchanges = partial(self._screen.session.desk.exchanges, reply.id)
        await self._screen.app.push_screen_wait(RawScreen(reply, exchanges, self._screen.copy))

    async def _reply_meant(self, chat: "OpenConversation", *, last: bool) -> "ChatMessage | None":
        """The marked reply or summary, the reply to the marked prompt, or the last one of all."""
        path = self._screen.stage.path(chat)
        marked = None if last else self._screen.reading.marked
        later = path if marked is None else path[marked:]
        near = [id_ for id_ in later if chat.tree[id_].role in ("assistant", "system")]
        near = near[-_LOOKED_AT:] if marked is None else near[:_LOOKED_AT]
        found = await chat.messages(near)
        replies = [each for each in found if each.role == "assistant" or each.covers is not None]
        return next(iter(reversed(replies) if marked is None else replies), None)
