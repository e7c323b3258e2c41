"""The screens about the context: the inspector, and what is too large."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chat_tui.core.attachments.prompts import Prompt, attached_to
from chat_tui.core.context.budget import LEAST_WINDOW
from chat_tui.core.drafts import draft_of
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import FilePart
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import action_called, active_keys
from chat_tui.ui.screens.conversation.commands.context_policies import ask_count
from chat_tui.ui.screens.conversation.commands.group import CommandGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_tui.core.context.plan import ContextPlan
    from chat_tui.core.context.planner import ContextPlanner
    from chat_tui.core.errors import PlanRefusedError
    from chat_tui.core.messages import ImagePart
    from chat_tui.core.targets import Target
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.context_work import ContextView
    from chat_tui.ui.screens.conversation.runs import Asked
    from chat_tui.ui.screens.too_large import WayOut


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
        elif id_ in (path := screen.stage.path(chat)):
            await screen.branches.follow(chat, at=path.index(id_))
            screen.set_focus(screen.transcript)

    async def view(self, chat: "OpenConversation") -> "ContextView":
        """See `ContextWork.view`."""
        from chat_tui.ui.screens.context_work import ContextView

        draft, basis = self._written(), self._screen.context.basis
        target, path, slot = self._meant(chat)
        tokens = await self._weigh(draft, target)
        outlook = await self._planner.outlook(chat, tokens, target, path, slot)
        label = clean_line(self._screen.session.backend.label(target.provider))
        prices = self._planner.facts.prices(target)
        return ContextView(outlook, draft, label, prices, basis, target, path)

    def _meant(self, chat: "OpenConversation") -> "tuple[Target, Sequence[str] | None, int | None]":
        """Whom the request would go to, with what, in which slot: of the marked column."""
        target, slot = self._screen.sides.target, self._screen.sides.marked_slot
        if target is None or slot is None:
            return chat.target, None, None
        # 2 ms that only who goes side by side need pay.
        from chat_tui.core.side_by_side.threads import told_to

        return target, told_to(chat.conversation, chat.tree, slot), slot

    def _written(self) -> Prompt:
        """What is written and would be a message of the next request."""
        return self._screen.prompt.written if self._screen.context.draft else Prompt()

    async def _weigh(self, prompt: Prompt, target: "Target") -> int:
        return await self._planner.draft_tokens(prompt, target) if prompt else 0

    def changed_since(self, chat: "OpenConversation", view: "ContextView") -> bool:
        """See `ContextWork.changed_since`."""
        return chat is self._screen.session.chat and self._screen.context.basis != view.basis

    async def weigh(
        self, view: "ContextView", parts: "Sequence[ImagePart | FilePart]"
    ) -> list[str]:
        """See `ContextWork.weigh`."""
        from chat_tui.ui.screens.context_parts import document_weight, picture_weight

        target, told = view.target or (await self._ready()).target, list[str]()
        for part in parts:
            if isinstance(part, FilePart):
                tokens = await self._planner.draft_tokens(Prompt("", (part,)), target)
                told.append(document_weight(part, tokens))
            else:
                told.append(picture_weight(part, self._planner.picture_cost(part, target)))
        return told

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
        parts = [*dict.fromkeys(part for each in messages for part in attached_to(each))]
        weights = dict(zip(parts, await self.weigh(view, parts), strict=True))
        await self._screen.app.push_screen_wait(RequestScreen(messages, view, weights))

    def show_raw(self) -> None:
        """See `ContextWork.show_raw`."""
        self._screen.workbench.show_raw(last=True)

    async def next_policy(self, chat: "OpenConversation") -> None:
        """See `ContextWork.next_policy`."""
        await self._screen.context.policies.take_next(chat)

    async def ask_history(self, chat: "OpenConversation") -> None:
        """See `ContextWork.ask_history`."""
        await self._screen.context.policies.ask_history(chat)

    async def ask_window(self, chat: "OpenConversation") -> None:
        """See `ContextWork.ask_window`."""
        target, _, _ = self._meant(chat)
        window = self._planner.facts.window(target)
        # What others say is no number of the user's, who may want to go on with it as it is.
        now = window.tokens or 0 if window.source == "settings" else 0
        title, hint = text("context.window-title"), text("context.window-hint")
        await ask_count(self._screen.app, title, hint, now, partial(self._set_window, target))

    async def _set_window(self, target: "Target", count: int) -> None:
        if 0 < count < LEAST_WINDOW:
            raise UsageError(text("context.window-small", least=LEAST_WINDOW))
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
            # As its key does: it asks first where it would tell who answers.
            await self._screen.app.run_action(action_called("context").run, self._screen)
        elif way is not None and chat is self._screen.session.chat:
            self._send_again(chat, asked, way)

    def _send_again(self, chat: "OpenConversation", asked: "Asked", way: "WayOut") -> None:
        """Send what was refused, from where it is kept by now."""
        screen, anyway = self._screen, way == "anyway"
        if asked.prompt and chat.id in screen.turns.running:
            # Another request has begun; the prompt stays where it is.
            self._tell("notice.busy")
        elif asked.waits:
            screen.queueing.queues.release(chat, anyway=anyway)
        else:
            if asked.prompt:
                self._take_out(chat, asked.prompt)
            screen.turns.start(chat, asked.request, asked.prompt, anyway=anyway)

    def _take_out(self, chat: "OpenConversation", prompt: Prompt) -> None:
        """Take a prompt that is sent after all out of the input; what else stands there stays."""
        screen, edits = self._screen, self._screen.branches.edits
        sent, written = screen.prompt.draft, screen.prompt.written.text
        if edits.message is not None and written.endswith(prompt.text):
            sent = replace(sent, editing=edits.message)
            edits.leave()
        else:
            if rest := screen.prompt.behind(prompt):
                sent = draft_of(prompt)
            screen.prompt.put(rest)
        screen.writing.drafts.sending(chat, sent)

    async def plan_again(
        self, chat: "OpenConversation", plan: "ContextPlan", prompt: Prompt
    ) -> "ContextPlan":
        """See `Remedies.plan_again`."""
        path = [each.id for each in plan.messages if each.id in chat.tree]
        more = [each for each in plan.messages if each.id and each.id not in chat.tree]
        draft = sum(each.full for each in more)
        target, _, slot = self._meant(chat)
        if prompt:
            draft = await self._weigh(prompt, target)
        return await self._planner.foresee(chat, path, draft if more else None, target, slot)

    def model(self, chat: "OpenConversation") -> str:
        """See `Remedies.model`."""
        target, _, slot = self._meant(chat)
        name = clean_line(target.model, code=True)
        return name if slot is None else self._screen.sides.name_of(chat, slot)

    async def choose_model(self) -> None:
        """See `Remedies.choose_model`."""
        await self._screen.answering.choose()
