"""What can be done with the pictures and documents of messages."""

from chat_tui.core.attachments.values import attachment_of
from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, TextPart
from chat_tui.core.texts import text
from tests.fakes import TARGET
from tests.ui.actions.hands import Hands, scenario
from tests.ui.pictures import picture_attachment


async def _show(hands: Hands, id_: str) -> None:
    """A conversation of four messages; the first and the third have something attached."""
    screen = hands.rig.screen
    picture = picture_attachment()
    notes = attachment_of(b"some notes\n", "text/plain")
    seen = ImagePart(picture.sha256, "", "image/png", "cat.png", "auto", 4, 3)
    read = FilePart(notes.sha256, "notes.md", "text/plain", "some notes\n")
    store = hands.rig.backend.store
    await store.save_attachments([picture, notes])
    parts = ((TextPart("Look."), seen, read), (TextPart("Yes."),), (seen,), (TextPart("No."),))
    messages: list[ChatMessage] = []
    for at, each in enumerate(parts):
        parent = messages[-1].id if messages else None
        role = "assistant" if at % 2 else "user"
        messages.append(ChatMessage(f"{id_}{at}", role, each, parent=parent))  # type: ignore[arg-type] # a role
    conversation = Conversation(id_, targets=(TARGET,), head=messages[-1].id)
    await store.add_messages(conversation, messages)
    await screen.show_chat(await screen.session.open_chat(id_))
    await hands.read(1)


@scenario(
    "reading",
    *("next-attachment", "previous-attachment", "open-attachment", "save-attachment"),
)
async def _attached(hands: Hands) -> None:
    transcript = hands.rig.screen.transcript
    await _show(hands, "moving")
    await hands.press("next-attachment")
    await hands.until(lambda: transcript.current == 2)
    await hands.press("next-attachment")
    await hands.until(lambda: hands.told(text("attached.no-later")))
    await hands.press("open-attachment")
    # There is nothing here that could show it.
    await hands.until(lambda: hands.told("saves cat.png"))
    await hands.press("previous-attachment")
    await hands.until(lambda: transcript.current == 0)
    await hands.press("save-attachment")
    await hands.on("AttachmentsDialog")


@scenario(
    "dialogs",
    *("attached-take", "attached-open", "attached-save", "attached-next", "attached-previous"),
    "attached-leave",
)
async def _choosing(hands: Hands) -> None:
    await _show(hands, "choosing")
    await hands.read(0)
    await hands.press("open-attachment")
    await hands.on("AttachmentsDialog")
    await hands.press("attached-next", "attached-previous", "attached-next", "attached-take")
    await hands.back()
    await hands.until(lambda: hands.told("saves notes.md"))
    await hands.press("open-attachment")
    await hands.on("AttachmentsDialog")
    await hands.press("attached-leave")
    await hands.back()
    await hands.press("save-attachment")
    await hands.on("AttachmentsDialog")
    await hands.press("attached-open")
    await hands.back()
    await hands.until(lambda: hands.told("saves cat.png"))
    await hands.press("open-attachment")
    await hands.on("AttachmentsDialog")
    await hands.press("attached-save")
    await hands.on("SaveAttachmentDialog")
