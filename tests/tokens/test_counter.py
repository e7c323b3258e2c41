"""The counter of the app, over its real process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chat_tui.core.context.items import Weight
from chat_tui.core.estimate import PER_MESSAGE, estimate_tokens
from chat_tui.core.messages import ChatMessage, ImagePart, TextPart
from chat_tui.core.targets import Target
from chat_tui.tokens import get_encoding
from chat_tui.tokens.counter import TiktokenCounter
from chat_tui.tokens.tools import of_request
from tests.tokens.corpus import CORPUS
from tests.tokens.test_tools import WEATHER, counted

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITH_TOOLS = Target("openai", "gpt-4o", {"tools": [WEATHER]})


def said(text: str, **tokens: int) -> ChatMessage:
    return ChatMessage("1", "user", (TextPart(text),), tokens=tokens)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counter(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TiktokenCounter]:
    """Started in a folder that has a module of its own by the name of one that it needs."""
    folder, before = tmp_path_factory.mktemp("folder"), Path.cwd()
    (folder / "json.py").write_text("raise SystemExit(1)")
    counter = TiktokenCounter()
    os.chdir(folder)
    try:
        await counter.count_text("", "gpt-4o")
    finally:
        os.chdir(before)
    yield counter
    await counter.aclose()


async def test_messages_are_counted_in_batches_between_which_others_are_served(
    counter: TiktokenCounter,
) -> None:
    encode = get_encoding("o200k_base").encode_ordinary
    messages = [said(text) for text in CORPUS.values()] * 100
    history = asyncio.create_task(counter.count(messages, "gpt-4o"))
    await asyncio.sleep(0)

    assert await counter.count_text("hello world", "gpt-4o") == 2
    assert not history.done()
    expected = [PER_MESSAGE + len(encode(text)) for text in CORPUS.values()] * 100
    assert await history == expected
    assert await counter.count([], "gpt-4o") == []
    assert await counter.count([said("")], "gpt-4o") == [PER_MESSAGE]


async def test_models_are_counted_with_their_own_vocabulary(counter: TiktokenCounter) -> None:
    text = CORPUS["hindi"]
    counts = {model: await counter.count_text(text, model) for model in ("gpt-4o", "gpt-4", "x")}

    assert counts["gpt-4o"] == counts["x"] < counts["gpt-4"]
    assert counter.encoding("x") == counter.encoding("gpt-4o") == "o200k_base"
    assert (counter.own_encoding("x"), counter.own_encoding("gpt-4")) == (False, True)


async def test_the_process_heeds_no_key_and_ends_with_its_input(counter: TiktokenCounter) -> None:
    exact = await counter.overhead(WITH_TOOLS)
    process = counter._helper._process
    assert process is not None
    assert process.stdin is not None
    assert os.getsid(process.pid) == process.pid
    process.send_signal(signal.SIGINT)
    countable = of_request(WITH_TOOLS.parameters, "gpt-4o")

    assert exact == counted(countable, "gpt-4o") != countable.estimate
    assert await counter.count_text("hello world", "gpt-4o") == 2
    assert counter._helper._process is process
    process.stdin.close()
    assert await process.wait() == 0
    assert await counter.overhead(WITH_TOOLS) == exact  # it is counted once
    assert await counter.overhead(Target("openai", "gpt-4o")) == 3
    assert not counter.ready


async def test_texts_that_are_hard_to_count(counter: TiktokenCounter) -> None:
    """And the process that ended before is started again."""
    for text in ("a" * 300_000, "\ud800" * 1000, "\x00" * 1000):
        assert 0 < await counter.count_text(text, "gpt-4o") <= 2 * len(text)


async def test_without_a_process_there_are_estimates() -> None:
    counter = TiktokenCounter()
    picture = ImagePart("ab", width=1024, height=1024)
    text = CORPUS["english"]
    message = ChatMessage("1", "user", (TextPart(text), picture))

    assert counter.weigh(message, "gpt-4o") == Weight(PER_MESSAGE + estimate_tokens(text), 765)
    assert counter.weigh(said(text, o200k_base=17), "x") == Weight(17, 0, exact=True)
    assert not counter.weigh(said(text, cl100k_base=17), "x").exact
    estimate = of_request(WITH_TOOLS.parameters, "gpt-4o").estimate
    assert await counter.overhead(WITH_TOOLS) == estimate
    assert not counter.ready
    await counter.aclose()
    assert await counter.overhead(WITH_TOOLS) == estimate
