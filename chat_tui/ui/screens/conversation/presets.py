"""Sets a conversation up as a saved prompt says; asks where something was said in it already."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from chat_tui.core.messages import FilePart
from chat_tui.core.prompt_presets import Preset
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import active_keys
from chat_tui.ui.screens.question import Answer, QuestionDialog

if TYPE_CHECKING:
    from chat_tui.core.turns import OpenConversation
    from chat_tui.ui.screens.conversation.view import ConversationView

_Place = Literal["here", "new", "nowhere", ""]


async def set_up(screen: "ConversationView", name: str, preset: Preset) -> bool:
    """Set system prompt and parameters of the conversation on the screen, or of a new one.

    Args:
        screen: shows it; runs in a worker.
        name: of the preset; clean.
        preset: what is set.

    Returns:
        Whether its words are wanted; False where the user left it.
    """
    chat = await screen.session.ready()
    given = _missing(chat, preset)
    if not given and preset.system in ("", chat.conversation.system_prompt):
        return True
    place: _Place = await _ask(screen, name, preset) if len(chat.tree) else "here"
    if place == "new":
        await screen.show_chat(screen.session.new_chat())
        chat = await screen.session.ready()
    if place in ("here", "new"):
        await _set(screen, chat, preset)
        _tell(screen, name, preset)
    return bool(place)


def ask_for_document(screen: "ConversationView", preset: Preset) -> None:
    """Ask for a document where a preset is about one and none is attached."""
    has = any(isinstance(part, FilePart) for part in screen.prompt.attached)
    if preset.document and not has:
        screen.attaching.choose_document()


def _missing(chat: "OpenConversation", preset: Preset) -> Mapping[str, Any]:
    """The parameters that a conversation does not have yet."""
    now = chat.target.parameters
    return {name: value for name, value in preset.parameters.items() if now.get(name) != value}


async def _ask(screen: "ConversationView", name: str, preset: Preset) -> _Place:
    answers: list[Answer[_Place]] = [
        Answer("y", text("preset.here"), "here"),
        Answer("k", text("preset.keep"), "nowhere"),
        Answer("n", text("preset.leave"), ""),
    ]
    chat = screen.session.chat
    if chat is not None and not chat.temporary:
        answers.insert(0, Answer("c", text("preset.new"), "new"))
    question, more = text("preset.question", name=name), text("preset.more", what=_words(preset))
    return await screen.app.push_screen_wait(QuestionDialog(question, more, answers))


async def _set(screen: "ConversationView", chat: "OpenConversation", preset: Preset) -> None:
    conversations = screen.session.manager.conversations
    if preset.system:
        await conversations.set_system_prompt(chat, preset.system)
    if screen.sides.on and screen.sides.target is not None:
        kept = {**screen.sides.target.parameters, **preset.parameters}
        await screen.sides.settings.set_parameters(kept)
    elif preset.parameters:
        await conversations.set_parameters(chat, {**chat.target.parameters, **preset.parameters})
    screen.stage.show_welcome()
    screen.update_status()


def _tell(screen: "ConversationView", name: str, preset: Preset) -> None:
    key = active_keys(screen).shown("switch-model")
    told = text("preset.set", name=name, what=_words(preset), key=key)
    screen.app.notify(told, timeout=8, markup=False)


def _words(preset: Preset) -> str:
    """What it sets, in a line."""
    told = [text("preset.system")] if preset.system else []
    told += [clean_line(f"{name} {value}", code=True) for name, value in preset.parameters.items()]
    return ", ".join(told)
