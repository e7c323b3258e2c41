"""What can be done while one writes, with the prompts that wait, and in the line of find."""

from textual.widgets import Input

from tests.ui.actions.hands import Hands, scenario


@scenario("writing", "send", "new-line")
async def _send(hands: Hands) -> None:
    await hands.write("one")
    await hands.press("new-line")
    await hands.write("two")
    await hands.press("send")
    await hands.until(lambda: len(hands.rig.chat.tree) == 2)
    await hands.idle()
    assert (await hands.path_texts())[0] == "one\ntwo"


@scenario("writing", "page-up", "page-down")
async def _pages(hands: Hands) -> None:
    await hands.ask("long")
    transcript = hands.rig.screen.transcript
    end = transcript.scroll_offset.y
    assert end > 0
    await hands.press("page-up")
    await hands.until(lambda: transcript.scroll_offset.y < end)
    await hands.press("page-down")
    await hands.until(lambda: transcript.scroll_offset.y == end)


@scenario("writing", "earlier-prompt", "later-prompt")
async def _history(hands: Hands) -> None:
    prompt = hands.rig.screen.prompt
    await hands.ask("said before")
    await hands.write("draft")
    await hands.press("earlier-prompt")
    await hands.until(lambda: prompt.text == "said before")
    await hands.press("later-prompt")
    await hands.until(lambda: prompt.text == "draft")


@scenario("writing", "show-queue", "queue-next", "queue-previous", "queue-down", "queue-up")
async def _queue(hands: Hands) -> None:
    await _three_waiting(hands)
    await hands.press("queue-previous", "queue-previous", "queue-down")
    await hands.until(lambda: hands.rig.queued == ["two", "one", "three"])
    await hands.press("queue-up")
    await hands.until(lambda: hands.rig.queued == ["one", "two", "three"])
    await hands.press("queue-next", "queue-up")
    await hands.until(lambda: hands.rig.queued == ["two", "one", "three"])


@scenario("writing", "queue-edit", "queue-delete", "queue-send")
async def _queued(hands: Hands) -> None:
    chat = await _three_waiting(hands)
    await hands.press("queue-delete")
    await hands.until(lambda: len(chat.queued) == 2)
    await hands.press("queue-edit")
    await hands.until(lambda: len(chat.queued) == 1)
    assert hands.rig.screen.prompt.text in ("one", "two")
    hands.rig.screen.prompt.put("")
    left = chat.queued[0].text
    await hands.press("show-queue")
    await hands.press("queue-send")
    await hands.until(lambda: chat.queued == [])
    await hands.idle()
    assert left in await hands.path_texts()


async def _three_waiting(hands: Hands):  # type: ignore[no-untyped-def]
    await hands.say("wait")
    for prompt in ("one", "two", "three"):
        hands.rig.screen.prompt.put(prompt)
        await hands.press("send")
    chat = hands.rig.chat
    await hands.until(lambda: hands.rig.queued == ["one", "two", "three"])
    await hands.press("show-queue")
    return chat


@scenario("writing", "find", "find-next", "find-previous")
async def _find(hands: Hands) -> None:
    rig = hands.rig
    await hands.ask("needle one", "needle two")
    await hands.press("find")
    await hands.until(lambda: isinstance(rig.app.focused, Input))
    await hands.write("needle")
    await hands.until(lambda: " of 4" in rig.drawn())
    at = _position(hands)
    await hands.press("find-next")
    await hands.until(lambda: _position(hands) != at)
    await hands.press("find-previous")
    await hands.until(lambda: _position(hands) == at)


@scenario("writing", "find-reading", "next-hit", "previous-hit")
async def _hits(hands: Hands) -> None:
    await hands.ask("needle one", "needle two")
    await hands.read()
    await hands.press("find-reading")
    await hands.write("needle")
    await hands.until(lambda: " of 4" in hands.rig.drawn())
    at = _position(hands)
    await hands.press("stop")
    await hands.until(lambda: hands.focuses(hands.rig.screen.transcript))
    await hands.press("next-hit")
    await hands.until(lambda: _position(hands) != at)
    await hands.press("previous-hit")
    await hands.until(lambda: _position(hands) == at)


def _position(hands: Hands) -> str:
    """What stands before `of 4`."""
    return hands.rig.drawn().partition(" of 4")[0].split()[-1]
