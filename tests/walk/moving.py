"""Steps of whole conversations, of reading, and of the screen."""

from tests.fakes import eventually
from tests.walk.table import said, several, step
from tests.walk.walker import Walker

# Conversations


@step(4)
async def new(walk: Walker) -> None:
    """Begin a conversation."""
    await walk.hands.press("new")


@step(2)
async def temporary(walk: Walker) -> None:
    """Begin a temporary conversation."""
    await walk.hands.press("temporary")


@step(2)
async def system_prompt(walk: Walker) -> None:
    """Write a system prompt."""
    words = walk.words()

    async def act() -> None:
        await walk.hands.write(words)
        await walk.hands.press("system-prompt-keep")

    await walk.hands.press("system-prompt")
    await walk.dialog(act)


@step(5, several)
async def open_other(walk: Walker) -> None:
    """Open a conversation of the list."""
    rows = len(walk.rig.screen.list_of_conversations._rows)
    moves = ["list-next"] * walk.chance.randrange(min(rows, 8))
    await walk.hands.press("open", "list-first", *moves)
    await walk.hands.strike("enter")


@step(2, several)
async def pin(walk: Walker) -> None:
    """Pin a conversation of the list, or let it go."""
    rows = len(walk.rig.screen.list_of_conversations._rows)
    moves = ["list-next"] * walk.chance.randrange(min(rows, 8))
    await walk.hands.press("open", "list-first", *moves, "list-pin")


@step(3)
async def other_conversation(walk: Walker) -> None:
    """Step through the list."""
    steps = ("next-conversation", "previous-conversation")
    for _ in range(walk.chance.randint(1, 3)):
        await walk.hands.press(walk.chance.choice(steps))
        await walk.rest()


@step(2, said)
async def rename(walk: Walker) -> None:
    """Give the conversation a title."""
    title = f"T{walk.steps}"

    async def act() -> None:
        await walk.hands.write(title)
        await walk.hands.strike("enter")

    # In the list, its row would be meant.
    await walk.to_prompt()
    await walk.hands.press("rename")
    if walk.rig.chat.temporary:
        title += walk.secret
    await walk.dialog(act)


@step(2, said)
async def delete(walk: Walker) -> None:
    """Delete the open conversation."""
    await walk.hands.press("delete")


@step(1, several)
async def delete_row(walk: Walker) -> None:
    """Delete a conversation of the list, and perhaps bring it back."""
    rows = len(walk.rig.screen.list_of_conversations._rows)
    moves = ["list-next"] * walk.chance.randrange(min(rows, 8))
    await walk.hands.press("open", "list-first", *moves, "list-delete")
    await walk.rest()
    await walk.agree()
    if walk.chance.random() < 0.7:
        await walk.hands.press("undo")


# Reading


@step(3)
async def find(walk: Walker) -> None:
    """Find something, step through what was found, leave."""
    await walk.hands.press("find")
    await walk.rest()
    await walk.hands.write(walk.chance.choice(("needle", "p1", "nowhere")))
    await walk.rest()
    for _ in range(walk.chance.randint(0, 3)):
        await walk.hands.press("find-next")
    for _ in range(3):
        if walk.rig.screen.finding.active:
            await walk.hands.press("stop")


@step(3, said)
async def fold(walk: Walker) -> None:
    """Fold and unfold."""
    await walk.to_transcript()
    folds = ("fold", "fold-message", "fold-all", "timestamps")
    await walk.hands.press(walk.chance.choice(folds), walk.chance.choice(folds))


@step(2, said)
async def move(walk: Walker) -> None:
    """Move about in the transcript."""
    await walk.to_transcript(mark=False)
    moves = ["first-message", "last-message", "line-up", "half-page-up", "half-page-down"]
    moves += ["next-prompt", "previous-prompt", "next-code", "previous-code", "unread"]
    for _ in range(3):
        await walk.hands.press(walk.chance.choice(moves))


@step(1, said)
async def copy(walk: Walker) -> None:
    """Copy something."""
    await walk.to_transcript()
    await walk.hands.press(walk.chance.choice(("copy-message", "copy-answer", "copy-conversation")))


@step(2)
async def resize(walk: Walker) -> None:
    """The terminal gets another size."""
    size = walk.chance.choice(((120, 40), (80, 24), (40, 12), (100, 30)))
    await walk.rig.pilot.resize_terminal(*size)
    await eventually(lambda: walk.rig.app.size == size)


@step(1)
async def toggle_list(walk: Walker) -> None:
    """Show or hide the list."""
    await walk.hands.press("toggle-list")
    if walk.rig.screen.has_class("-list-over"):
        await walk.hands.press("toggle-list")


@step(1)
async def colours(walk: Walker) -> None:
    """Dark or light."""
    await walk.hands.press("toggle-dark")
