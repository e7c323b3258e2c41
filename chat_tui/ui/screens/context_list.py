"""What the screens about the context have in common: a table of messages, filled as it scrolls."""

from collections.abc import Mapping
from typing import TypeVar

from textual import on, work
from textual.getters import query_one

from chat_tui.core.attachments.prompts import Prompt, attached_to
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart
from chat_tui.core.plain_text import seen_markdown
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import has_text, text
from chat_tui.core.turns import OpenConversation
from chat_tui.ui.attached_words import counted
from chat_tui.ui.screens.modal import ActionDialog
from chat_tui.ui.widgets.context_table import CUT, ContextTable, MessageFacts
from chat_tui.ui.widgets.transcript.sending import came_to_its_end

_FIRST_WORDS = 300
"""Characters of a message that are looked at for a row; no terminal is wider."""

T = TypeVar("T")


class ContextListDialog(ActionDialog[T]):
    """A dialog with a table of messages.

    Args:
        chat: whose they are.
    """

    table = query_one(ContextTable)

    def __init__(self, chat: OpenConversation) -> None:
        super().__init__()
        self._chat = chat

    def supply_beside(self, unsent: Mapping[str, Prompt], name: str) -> None:
        """Say what stands in the rows that no stored message is behind.

        Args:
            unsent: by its id, what is only written yet.
            name: what that is called.
        """
        system = text("context.system-prompt")
        prompt = _first(self._chat.conversation.system_prompt)
        facts = {
            "": MessageFacts("system", system, prompt),
            CUT: MessageFacts("system", "", ""),
        }
        for id_, draft in unsent.items():
            words = _beside(draft.attached, _first(draft.text))
            facts[id_] = MessageFacts("draft", name, words, attached=draft.attached)
        self.table.supply(facts)

    @on(ContextTable.FactsWanted)
    def load_facts(self, event: ContextTable.FactsWanted) -> None:
        """Read the messages of rows that came into view."""
        self.read_facts(event.ids)

    @work(name="facts", exit_on_error=False)
    async def read_facts(self, ids: tuple[str, ...]) -> None:
        """Read what rows tell of their messages, for the first time or anew."""
        try:
            messages = await self._chat.messages(ids)
        except BaseException:
            # They are asked for again when they are drawn the next time.
            self.table.forget()
            raise
        self.table.supply({each.id: facts_of(each) for each in messages})

    def action_move(self, step: int) -> None:
        """Mark a row some rows further on."""
        self.table.move_by(step)


def facts_of(message: ChatMessage) -> MessageFacts:
    """What a row tells of a message."""
    words = _words(message)
    pinned, excluded = message.pinned, message.excluded
    if message.covers is not None:
        unended = not (message.status == "streaming" or came_to_its_end(message))
        return MessageFacts("summary", text("context.summary"), words, pinned, excluded, unended)
    match message.role:
        case "user":
            you = text("transcript.you")
            return MessageFacts("user", you, words, pinned, excluded, attached=attached_to(message))
        case "tool":
            who = clean_line(message.name, code=True) or text("context.result")
            return MessageFacts("tool", who, words, pinned, excluded)
        case "system":
            who = text("context.system-prompt")
            return MessageFacts("system", who, words, pinned, excluded)
        case _:
            who = clean_line(message.model, code=True) or text("transcript.assistant")
            return MessageFacts("model", who, words, pinned, excluded)


def _words(message: ChatMessage) -> str:
    """The first words of a message; else what it has in their place."""
    words = _first(message.text, markdown=message.role != "user")
    if words := _beside(attached_to(message), words):
        return words
    if message.tool_calls:
        names = ", ".join(clean_line(call.name, code=True) for call in message.tool_calls)
        return text("context.calls", names=names)
    status = f"transcript.status.{message.status}"
    return text(status) if has_text(status) else ""


def _beside(attached: tuple[ImagePart | FilePart, ...], words: str) -> str:
    """How much is attached, before the words."""
    return " · ".join(filter(None, (counted(attached), words)))


def _first(words: str, *, markdown: bool = False) -> str:
    words = words[:_FIRST_WORDS]
    return clean_line(seen_markdown(words) if markdown else words)
