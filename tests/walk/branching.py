"""Steps of the tree."""

from tests.walk.table import quiet, said, step
from tests.walk.walker import Walker

# The tree


@step(7, said)
async def edit(walk: Walker) -> None:
    """Write another version of a message, and send it, leave it there, or leave off."""
    await walk.to_transcript()
    await walk.hands.press("edit-message")
    await walk.rest()
    await walk.write(walk.words())
    end = walk.chance.choice(("send", "send", "send", "stay", "leave"))
    if end == "send":
        await walk.send()
    elif end == "leave":
        await walk.hands.press("stop")


@step(7, said)
async def page(walk: Walker) -> None:
    """Look at other versions."""
    await walk.to_transcript()
    for _ in range(walk.chance.randint(1, 3)):
        await walk.hands.press(walk.chance.choice(("previous-sibling", "next-sibling")))
        await walk.rest()


@step(4, said)
async def delete_message(walk: Walker) -> None:
    """Delete a message alone."""
    await walk.to_transcript()
    await walk.hands.press("delete-message")


@step(3, said)
async def delete_branch(walk: Walker) -> None:
    """Delete a message and what follows."""
    await walk.to_transcript()
    await walk.hands.press("delete-branch")


@step(8)
async def undo(walk: Walker) -> None:
    """Undo some changes."""
    for _ in range(walk.chance.randint(1, 3)):
        await walk.hands.press("undo")
        await walk.rest()
        await walk.agree()


@step(5)
async def redo(walk: Walker) -> None:
    """Do some again."""
    for _ in range(walk.chance.randint(1, 3)):
        await walk.hands.press("redo")
        await walk.rest()
        await walk.agree()


@step(3, quiet)
async def there_and_back(walk: Walker) -> None:
    """Undo some changes and do them again: all is as it was."""
    chat, tree = walk.rig.chat, walk.rig.chat.tree

    def state() -> tuple[object, ...]:
        return (tree.head, chat.conversation.favourite, [node.id for node in tree])

    before, done = state(), 0
    for _ in range(walk.chance.randint(1, 5)):
        change = chat.undo_stack.undoable
        if change is None or change.kind == "fork":
            break
        await walk.hands.press("undo")
        await walk.rest()
        if walk.rig.chat is not chat or chat.undo_stack.redoable is not change:
            # The deletion of a whole conversation was later.
            return
        done += 1
    for _ in range(done):
        await walk.hands.press("redo")
        await walk.rest()
    assert state() == before, f"{done} steps back and forth: {before} became {state()}"


@step(2, said)
async def fork(walk: Walker) -> None:
    """Go on in a new conversation."""
    chat = walk.rig.chat
    await walk.to_transcript()
    await walk.hands.press("fork")
    await walk.rest()
    if chat.temporary:
        walk.secrets[walk.rig.chat.id] = walk.secrets.setdefault(chat.id, "unwritten0x")


@step(2, said)
async def favourite(walk: Walker) -> None:
    """Mark the path as the favourite one, or unmark it."""
    await walk.hands.press("favourite")


@step(2, quiet)
async def go_favourite(walk: Walker) -> None:
    """Go to the favourite path."""
    await walk.hands.press("go-favourite")


@step(4, lambda walk: len(walk.rig.chat.tree) > 0)
async def outline(walk: Walker) -> None:
    """Do something in the outline of the branches."""
    hands = walk.hands

    async def act() -> None:
        for _ in range(walk.chance.randint(0, 5)):
            moves = ("branches-next", "branches-previous", "branches-next-version")
            await hands.press(walk.chance.choice(moves))
        for _ in range(walk.chance.randint(0, 2)):
            does = ("branches-undo", "branches-redo", "branches-favourite", "branches-deleted")
            more = ("branches-delete", "branches-delete-below")
            await hands.press(walk.chance.choice(does + more))
        on_deleted = getattr(walk.rig.app.screen, "on_deleted", False)
        if on_deleted and walk.chance.random() < 0.7:
            await hands.press("branches-restore")
        await hands.press(walk.chance.choice(("branches-go", "branches-back")))
        if len(walk.rig.app.screen_stack) > 1:
            await hands.press("branches-back")

    await hands.press("branches")
    await walk.dialog(act)
