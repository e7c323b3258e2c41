"""The context policy of a conversation: what is done where it does not fit, and its limits."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chat_tui.core.context.policy import ContextPolicy, changed
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import read_count
from chat_tui.core.safety import clean_line
from chat_tui.core.settings import policy_of
from chat_tui.core.texts import text
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:
    from textual.app import App

    from chat_tui.core.context.planner import ContextPlanner
    from chat_tui.core.turns import OpenConversation


class ContextPolicies(CommandGroup):
    """Changes the policy: by a dialog, by words after a slash, or the next one at a key.

    The dialogs are imported by the command that opens them.
    """

    @property
    def _planner(self) -> "ContextPlanner":
        return self._screen.session.manager.context

    def change(self) -> None:
        """Choose what is done where the conversation does not fit."""
        self._in_background(self._change(), "policy")

    async def _change(self) -> None:
        from chat_tui.ui.screens.policy import WAYS, PolicyDialog

        chat = await self._ready()
        default = policy_of(self._screen.session.settings)
        choice = await self._screen.app.push_screen_wait(
            PolicyDialog(self._planner.policy(chat), default)
        )
        if choice is None:
            return
        policy = default
        if choice.row < len(WAYS):
            policy = replace(self._planner.policy(chat), overflow=WAYS[choice.row])
        await self._set(chat, policy)

    async def set_words(self, chat: "OpenConversation", words: str) -> None:
        """Set what was written after `/policy`: `trim`, `compact compact_at=70`, `settings`.

        Raises:
            UsageError: it is no policy; nothing was set.
        """
        policy = self._planner.policy(chat)
        for word in words.split():
            name, equals, value = word.partition("=")
            if equals:
                policy = changed(policy, name.lower(), value)
            elif word.lower() == text("policy.settings"):
                policy = policy_of(self._screen.session.settings)
            else:
                policy = changed(policy, "overflow", word.lower())
        await self._set(chat, policy)

    async def take_next(self, chat: "OpenConversation") -> None:
        """Take the next of the ways to deal with what does not fit."""
        from chat_tui.ui.screens.policy import WAYS

        policy = self._planner.policy(chat)
        way = WAYS[(WAYS.index(policy.overflow) + 1) % len(WAYS)]
        await self._set(chat, replace(policy, overflow=way))

    async def _set(self, chat: "OpenConversation", policy: ContextPolicy) -> None:
        from chat_tui.ui.screens.policy import policy_about

        await self._planner.set_policy(chat, policy)
        self._screen.context.refresh()
        about = policy_about(policy.overflow)
        self._tell("policy.set", policy=policy.overflow, about=about)

    # Its limit of messages

    def change_history(self) -> None:
        """Limit how many messages are sent."""
        self._in_background(self._change_history(), "history of the context")

    async def _change_history(self) -> None:
        await self.ask_history(await self._ready())

    async def ask_history(self, chat: "OpenConversation") -> None:
        """Ask how many messages are sent at the most."""
        now = self._planner.policy(chat).max_history
        take = partial(self._set_history, chat)
        title, hint = text("context.history"), text("context.history-hint")
        await ask_count(self._screen.app, title, hint, now, take)

    async def set_history_words(self, chat: "OpenConversation", words: str) -> None:
        """Set what was written after `/history`.

        Raises:
            UsageError: it is no number.
        """
        await self._set_history(chat, read_count(words))

    async def _set_history(self, chat: "OpenConversation", count: int) -> None:
        policy = replace(self._planner.policy(chat), max_history=count)
        await self._planner.set_policy(chat, policy)
        self._screen.context.refresh()
        key = "context.history-set" if count else "context.history-all"
        self._tell(key, count=f"{count:,}")


async def ask_count(
    app: "App[Any]", title: str, hint: str, now: int, take: Callable[[int], Awaitable[None]]
) -> None:
    """Ask for a number until one is given that can be taken, or none is.

    Args:
        app: shows the dialog.
        title: what is asked for.
        hint: what 0 means, and the keys.
        now: what holds now; 0 for nothing.
        take: takes it; its `UsageError` is told in the dialog.
    """
    from chat_tui.ui.screens.policy import CountDialog

    words, trouble = str(now or ""), ""
    while True:
        written = await app.push_screen_wait(CountDialog(title, words, hint, trouble))
        if written is None:
            return
        try:
            await take(read_count(written))
        except UsageError as error:
            words, trouble = clean_line(written), clean_line(error.told)
        else:
            return
