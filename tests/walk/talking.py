"""Steps of writing, of answers, and of what waits."""

from chat_tui.core.continuing import can_continue
from tests.walk.provider import SECRET
from tests.walk.table import quiet, said, step, streams
from tests.walk.walker import Walker

# Writing


@step(14)
async def ask(walk: Walker) -> None:
    """Write and send; while an answer is on its way, it waits."""
    await walk.write(walk.words())
    await walk.send()


@step(3)
async def leave_draft(walk: Walker) -> None:
    """Write something and leave it there."""
    await walk.write(walk.words())


@step(1)
async def clear_line(walk: Walker) -> None:
    """Delete what stands before the cursor."""
    await walk.to_prompt()
    await walk.hands.strike("end", *["backspace"] * 12)


@step(1)
async def two_lines(walk: Walker) -> None:
    """Send a prompt of two lines."""
    await walk.write(walk.words())
    await walk.hands.press("new-line")
    await walk.write(walk.words())
    await walk.send()


@step(1)
async def paste_long(walk: Walker) -> None:
    """Paste what becomes a chip."""
    await walk.paste(f"{walk.words()}\n" * walk.chance.choice((3, 500)))


@step(1)
async def undo_writing(walk: Walker) -> None:
    """Undo and redo within the prompt."""
    await walk.to_prompt()
    await walk.hands.strike("ctrl+z", "ctrl+z", "ctrl+y")


@step(3)
async def recall(walk: Walker) -> None:
    """Look at earlier prompts, and perhaps come back."""
    await walk.to_prompt()
    for _ in range(walk.chance.randint(1, 3)):
        await walk.hands.press("earlier-prompt")
        await walk.rest()
    back = walk.chance.randint(0, 3)
    # What was said in a temporary conversation is not to be sent in another.
    while back > 0 or (not walk.rig.chat.temporary and SECRET.search(walk.rig.screen.prompt.text)):
        await walk.hands.press("later-prompt")
        back -= 1
        if back < -10:
            break


@step(3)
async def command(walk: Walker) -> None:
    """Run a slash command."""
    await walk.to_prompt()
    if walk.rig.screen.prompt.text:
        return
    words = ["/undo", "/redo", "/new", "/set temperature=0.5", "/favourite", "/nonsense"]
    if said(walk):
        words += ["/title T needle", "/regenerate"]
    await walk.hands.write(walk.chance.choice(words))
    await walk.send()
    # What is refused comes back.
    await walk.send()


# Answers


@step(8, streams)
async def stop(walk: Walker) -> None:
    """Stop the answer."""
    await walk.to_prompt()
    await walk.hands.press("copy-or-stop")


@step(4, lambda walk: walk.provider.stalled > 0)
async def let_go(walk: Walker) -> None:
    """All answers come to their end."""
    walk.provider.let_go()


@step(5, quiet)
async def regenerate(walk: Walker) -> None:
    """Answer the last prompt again."""
    await walk.to_prompt()
    await walk.hands.press("regenerate")


@step(3, said)
async def regenerate_message(walk: Walker) -> None:
    """Answer some prompt again."""
    await walk.to_transcript()
    await walk.hands.press("regenerate-message")


def _cut(walk: Walker) -> bool:
    column = walk.rig.screen.transcript.column
    last = column.message(len(column) - 1) if len(column) else None
    return last is not None and can_continue(last)


@step(6, _cut)
async def go_on(walk: Walker) -> None:
    """Continue a cut answer."""
    await walk.to_transcript(mark=False)
    await walk.hands.press("last-message", "continue-answer")


@step(2, said)
async def wait_and_retry(walk: Walker) -> None:
    """Wait for a limit to pass, where there was one."""
    await walk.to_transcript(mark=False)
    await walk.hands.press("wait-and-retry")
    for _ in range(walk.chance.randint(0, 7)):
        walk.rig.clock.advance(1)
        await walk.hands.settle()


@step(1, said)
async def retry_now(walk: Walker) -> None:
    """Wait no longer."""
    await walk.to_transcript(mark=False)
    await walk.hands.press("retry-now")


# What waits


def _waits(walk: Walker) -> bool:
    return bool(walk.rig.chat.queued)


@step(6, streams)
async def queue(walk: Walker) -> None:
    """Let a prompt wait."""
    await walk.write(walk.words())
    await walk.send()


@step(4, _waits)
async def change_queue(walk: Walker) -> None:
    """Do something with what waits."""
    await walk.to_prompt()
    await walk.hands.press("show-queue")
    moves = ("queue-next", "queue-previous", "queue-up", "queue-down")
    does = ("queue-edit", "queue-delete", "queue-send", "stop")
    await walk.hands.press(walk.chance.choice(moves), walk.chance.choice(moves))
    await walk.hands.press(walk.chance.choice(does))


@step(4, lambda walk: _waits(walk) and not walk.rig.chat.streaming)
async def release(walk: Walker) -> None:
    """Send what was held."""
    await walk.to_prompt()
    if not walk.rig.screen.prompt.text:
        await walk.hands.press("send")


@step(2, lambda walk: _waits(walk) and not walk.rig.screen.prompt.text)
async def take_back(walk: Walker) -> None:
    """Take the last waiting prompt back."""
    await walk.to_prompt()
    await walk.hands.strike("up")
