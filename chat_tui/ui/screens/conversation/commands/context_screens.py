"""The screens about the context: inspector, policy, limits, and what is too large."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.context.policy import ContextPolicy, changed
from chat_tui.core.drafts import Draft
from chat_tui.core.errors import UsageError
from chat_tui.core.figures import read_count
from chat_tui.core.safety import clean_line
from chat_tui.core.settings import policy_of
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:
    from chat_tui.core.context.plan import ContextPlan
    from chat_tui.core.context.planner import ContextPlanner
    from chat_tui.core.errors import PlanRefusedError
    from chat_tui.core.targets import Target
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.context_work import ContextView
    from chat_tui.ui.screens.conversation.turns import Asked
    from chat_tui.ui.screens.too_large import WayOut

_LEAST_WINDOW = 256
"""Tokens; a smaller window is a slip of the finger."""


class ContextScreens(CommandGroup):
    """Opens them and does what is chosen there (`ContextWork`, `Remedies`).

    Each screen is imported by the command that opens it: 4 to 12 ms that the first frame need not
    pay.
    """

    @property
    def _planner(self) -> "ContextPlanner":
        return self._screen.session.manager.context

    # The inspector

    def inspect(self) -> None:
        """Show what the next request would be, message by message."""
        self._in_background(self._inspect(), "context")

    async def _inspect(self) -> None:
        from chat_tui.core.context.plan import DRAFT
        from chat_tui.ui.screens.context import ContextScreen

        chat, screen = await self._ready(), self._screen
        id_ = await screen.app.push_screen_wait(ContextScreen(chat, self))
        if id_ is None or chat is not screen.session.chat:
            return
        if id_ == "":
            screen.chats.edit_system_prompt()
        elif id_ == DRAFT:
            screen.set_focus(screen.prompt)
        elif id_ in (path := chat.tree.path()):
            await screen.branches.follow(chat, at=path.index(id_))
            screen.set_focus(screen.transcript)

    async def view(self, chat: "OpenConversation") -> "ContextView":
        """See `ContextWork.view`."""
        from chat_tui.ui.screens.context_work import ContextView

        draft, basis = self._written(), self._screen.context.basis
        outlook = await self._planner.outlook(chat, await self._weigh(draft, chat.target))
        label = clean_line(self._screen.session.backend.label(chat.target.provider))
        prices = self._planner.facts.prices(chat.target)
        return ContextView(outlook, draft, label, prices, basis)

    def _written(self) -> str:
        """What is written and would be a message of the next request."""
        return self._screen.prompt.content if self._screen.context.draft else ""

    async def _weigh(self, words: str, target: "Target") -> int:
        return await self._planner.draft_tokens(words, target) if words.strip() else 0

    def changed_since(self, chat: "OpenConversation", view: "ContextView") -> bool:
        """See `ContextWork.changed_since`."""
        return chat is self._screen.session.chat and self._screen.context.basis != view.basis

    async def toggle_pinned(self, chat: "OpenConversation", id_: str) -> None:
        """See `ContextWork.toggle_pinned`."""
        key = active_keys(self._screen).shown("context-pin")
        await self._screen.context.toggle(chat, id_, "pin-message", key)

    async def toggle_excluded(self, chat: "OpenConversation", id_: str) -> None:
        """See `ContextWork.toggle_excluded`."""
        key = active_keys(self._screen).shown("context-exclude")
        await self._screen.context.toggle(chat, id_, "exclude-message", key)

    async def compact(self) -> None:
        """See `ContextWork.compact`."""
        await self._screen.context.compact()

    async def show_request(self, chat: "OpenConversation") -> None:
        """See `ContextWork.show_request`."""
        from chat_tui.ui.screens.request import RequestScreen, messages_of

        view = await self.view(chat)
        messages = await messages_of(chat, view)
        if not messages:
            self._tell("request.none", timeout=6)
            return
        await self._screen.app.push_screen_wait(RequestScreen(messages, view))

    def show_raw(self) -> None:
        """See `ContextWork.show_raw`."""
        self._screen.workbench.show_raw(last=True)

    # The policy

    def change_policy(self) -> None:
        """Choose what is done where the conversation does not fit."""
        self._in_background(self._change_policy(), "policy")

    async def _change_policy(self) -> None:
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
        await self._set_policy(chat, policy)

    async def set_policy_words(self, chat: "OpenConversation", words: str) -> None:
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
        await self._set_policy(chat, policy)

    async def next_policy(self, chat: "OpenConversation") -> None:
        """See `ContextWork.next_policy`."""
        from chat_tui.ui.screens.policy import WAYS

        policy = self._planner.policy(chat)
        way = WAYS[(WAYS.index(policy.overflow) + 1) % len(WAYS)]
        await self._set_policy(chat, replace(policy, overflow=way))

    async def _set_policy(self, chat: "OpenConversation", policy: ContextPolicy) -> None:
        from chat_tui.ui.screens.policy import policy_about

        await self._planner.set_policy(chat, policy)
        self._screen.context.refresh()
        about = policy_about(policy.overflow)
        self._tell("policy.set", policy=policy.overflow, about=about)

    # Numbers

    def change_history(self) -> None:
        """Limit how many messages are sent."""
        self._in_background(self._change_history(), "history of the context")

    async def _change_history(self) -> None:
        await self.ask_history(await self._ready())

    async def ask_history(self, chat: "OpenConversation") -> None:
        """See `ContextWork.ask_history`."""
        now = self._planner.policy(chat).max_history
        take = partial(self._set_history, chat)
        await self._ask_count(text("context.history"), text("context.history-hint"), now, take)

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

    async def ask_window(self, chat: "OpenConversation") -> None:
        """See `ContextWork.ask_window`."""
        window = self._planner.facts.window(chat.target)
        # What others say is no number of the user's, who may want to go on with it as it is.
        now = window.tokens or 0 if window.source == "settings" else 0
        title, hint = text("context.window-title"), text("context.window-hint")
        await self._ask_count(title, hint, now, partial(self._set_window, chat.target))

    async def _set_window(self, target: "Target", count: int) -> None:
        if 0 < count < _LEAST_WINDOW:
            raise UsageError(text("context.window-small", least=_LEAST_WINDOW))
        await self._screen.session.desk.save_window(target, count or None)
        self._screen.context.refresh()
        model = clean_line(target.model, code=True)
        key = "context.window-set" if count else "context.window-other"
        self._tell(key, model=model, count=f"{count:,}")

    # What is too large

    def refused(self, chat: "OpenConversation", asked: "Asked", error: "PlanRefusedError") -> None:
        """Show what is too large, with the ways out; what was written goes back into the input.

        Args:
            chat: whose request was refused.
            asked: what was to be sent.
            error: has the plan.
        """
        screen = self._screen
        if asked.given_back:
            screen.writing.drafts.give_back(chat, asked.given_back)
        if chat is screen.session.chat and screen.is_current:
            self._in_background(self._show_refused(chat, asked, error.plan), "too large")
        else:
            screen.show_error(error.info)

    async def _show_refused(
        self, chat: "OpenConversation", asked: "Asked", plan: "ContextPlan"
    ) -> None:
        from chat_tui.ui.screens.too_large import TooLargeDialog

        card = TooLargeDialog(chat, asked.prompt, plan, self, waits=asked.waits)
        way = await self._screen.app.push_screen_wait(card)
        if way == "context":
            self.inspect()
        elif way is not None and chat is self._screen.session.chat:
            self._send_again(chat, asked, way)

    def _send_again(self, chat: "OpenConversation", asked: "Asked", way: "WayOut") -> None:
        """Send what was refused, from where it is kept by now."""
        screen, anyway = self._screen, way == "anyway"
        if chat.id in screen.turns.running:
            # Another request has begun; the prompt stays where it is.
            self._tell("notice.busy")
        elif asked.waits:
            screen.queueing.queues.release(chat, anyway=anyway)
        else:
            if asked.prompt:
                self._take_out(chat, asked.prompt)
            screen.turns.start(chat, asked.request, asked.prompt, anyway=anyway)

    def _take_out(self, chat: "OpenConversation", prompt: str) -> None:
        """Take a prompt that is sent after all out of the input; what else stands there stays."""
        screen, edits = self._screen, self._screen.branches.edits
        sent, written = screen.prompt.draft, screen.prompt.content
        if edits.message is not None and written.endswith(prompt):
            sent = replace(sent, editing=edits.message)
            edits.leave()
        else:
            if rest := written.removeprefix(prompt).removeprefix("\n"):
                sent = Draft(prompt)
            screen.prompt.put(rest)
        screen.writing.drafts.sending(chat, sent)

    async def plan_again(
        self, chat: "OpenConversation", plan: "ContextPlan", prompt: str
    ) -> "ContextPlan":
        """See `Remedies.plan_again`."""
        path = [each.id for each in plan.messages if each.id in chat.tree]
        more = [each for each in plan.messages if each.id and each.id not in chat.tree]
        draft = sum(each.full for each in more)
        if prompt:
            draft = await self._weigh(prompt, chat.target)
        return await self._planner.foresee(chat, path, draft if more else None)

    async def choose_model(self) -> None:
        """See `Remedies.choose_model`."""
        await self._screen.answering.choose()

    # Inside

    async def _ask_count(
        self, title: str, hint: str, now: int, take: Callable[[int], Awaitable[None]]
    ) -> None:
        """Ask for a number until one is given that can be taken, or none is."""
        from chat_tui.ui.screens.policy import CountDialog

        words, trouble = str(now or ""), ""
        while True:
            dialog = CountDialog(title, words, hint, trouble)
            written = await self._screen.app.push_screen_wait(dialog)
            if written is None:
                return
            try:
                await take(read_count(written))
            except UsageError as error:
                words, trouble = clean_line(written), clean_line(error.told)
            else:
                return
