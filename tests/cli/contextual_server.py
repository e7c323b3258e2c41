"""A server that counts what it is sent, refuses what is too much, and looks at its form.

It counts by the published rule with the vocabulary itself, not with the app's counter.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from chat_tui.core.context.summaries import SUMMARY_REQUEST
from chat_tui.core.conversation import Conversation
from chat_tui.core.messages import ChatMessage, ToolCall, text_parts
from chat_tui.core.targets import Target
from chat_tui.storage import find_paths, open_store
from chat_tui.tokens import get_encoding
from tests.servers import Reply, Request, ThreadedServer, answer, stream

SYSTEM = "Answer as a harbour master would, and never lie about the tide."
"""The system prompt of histories."""

CONVERSATION = "00000000-0000-7000-8000-000000000001"
"""The id of a history."""

_WORDS = (
    *("the", "a", "of", "to", "and", "is", "on", "in", "we", "it", "was", "by", "at", "as", "no"),
    *(
        "tide",
        "boat",
        "sea",
        "rope",
        "old",
        "pilot",
        "lamp",
        "fog",
        "quay",
        "ship",
        "wind",
        "seven",
    ),
    *("Hafenmeister", "lighthouse", "slowly,", "drifting", "buoys;", "moored", "ebbing", "1887"),
)
"""About four letters a token, as in English."""


class CountingServer:
    """Answers prompts as far as they fit; use `with server.running() as address`.

    Args:
        window: tokens of prompt and reply that are not refused; None for any number.
        reads: tokens of a prompt that are read, the rest is dropped unseen; None for all.
        factor: reported tokens for each one counted: another tokenizer's.
        says: whether `/v1/models` tells the window.
        words: of each answer.
    """

    def __init__(
        self,
        *,
        window: int | None = None,
        reads: int | None = None,
        factor: float = 1.0,
        says: bool = False,
        words: int = 60,
    ) -> None:
        self.window, self.reads, self.factor, self.says = window, reads, factor, says
        self.words = words
        self.bodies: list[Mapping[str, Any]] = []
        """Of all prompts that were answered, summaries not among them."""
        self.summaries = 0
        """How many were asked for."""
        self.refused: list[int] = []
        """Tokens of the prompts that were refused."""
        self.faults: list[str] = []
        """What was wrong with the form of prompts."""
        self.paths: list[str] = []
        """What was asked for, in order."""

    def running(self) -> ThreadedServer:
        """Serve, in a thread."""
        return ThreadedServer(self.answer)

    def answer(self, request: Request) -> Reply:
        """What it says to a request."""
        self.paths.append(request.path)
        if request.path.endswith("/models"):
            more = {"max_model_len": self.window} if self.says else {}
            return answer({"data": [{"id": "m", "owned_by": "vllm", **more}]})
        if not request.path.endswith("/chat/completions"):
            return answer({"error": {"message": "no such path"}}, 404)
        return self._reply(request.json)

    def _reply(self, body: Mapping[str, Any]) -> Reply:
        messages = body["messages"]
        counted = round(self.factor * prompt_tokens(messages))
        wanted = counted + (body.get("max_tokens") or 0)
        if self.window is not None and wanted > self.window:
            self.refused.append(counted)
            message = (
                f"This model's maximum context length is {self.window} tokens. However, you "
                f"requested {wanted} tokens. Please reduce the length of the messages."
            )
            error = {"message": message, "code": "context_length_exceeded", "param": "messages"}
            return answer({"error": error}, 400)
        if SUMMARY_REQUEST[:40] in str(messages[-1]["content"]):
            self.summaries += 1
            text = said(40, self.summaries)
        else:
            self.bodies.append(body)
            self.faults += faults_of(messages)
            text = said(self.words, len(self.bodies))
        read = counted if self.reads is None else min(counted, self.reads)
        completion = len(encoded(text))
        usage = {
            "prompt_tokens": read,
            "completion_tokens": completion,
            "total_tokens": read + completion,
        }
        return stream(text, usage=usage)


def prompt_tokens(messages: Sequence[Mapping[str, Any]]) -> int:
    """The tokens of a prompt by the published rule."""
    return 3 + sum(map(_message_tokens, messages))


def _message_tokens(message: Mapping[str, Any]) -> int:
    texts = [message["role"], message.get("content") or "", message.get("tool_call_id", "")]
    calls = message.get("tool_calls", ())
    for call in calls:
        texts += [call["function"]["name"], call["function"]["arguments"]]
    return 3 + 3 * len(calls) + sum(len(encoded(text)) for text in texts)


@lru_cache(maxsize=20_000)
def encoded(text: str) -> tuple[int, ...]:
    """A text as tokens."""
    return tuple(get_encoding("o200k_base").encode_ordinary(text))


def faults_of(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the form of a prompt that has a system prompt and plain texts."""
    roles = [message["role"] for message in messages]
    faults = []
    if messages[0] != {"role": "system", "content": SYSTEM}:
        faults.append("the system prompt is not first, or not as it was")
    if "system" in roles[1:]:
        faults.append("more than one system prompt")
    if roles[1:2] != ["user"]:
        faults.append(f"a message of {roles[1:2]} after the system prompt")
    if roles[-1] not in ("user", "tool"):
        faults.append(f"the last message is of {roles[-1]}")
    open_calls: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                faults.append("a result without its call")
                continue
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            faults.append("a call without its results")
        open_calls = [call["id"] for call in message.get("tool_calls", ())]
        if not message.get("content") and not open_calls:
            faults.append(f"an empty message of {message['role']}")
    return faults + (["a call without its results"] if open_calls else [])


def said(words: int, seed: int) -> str:
    """A text of so many words, another one for each seed."""
    return " ".join(random.Random(seed).choices(_WORDS, k=words)) + f" {seed}."


def history(
    tokens: int, target: Target, *, calls: bool = True
) -> tuple[Conversation, list[ChatMessage]]:
    """A conversation of about so many tokens: prompts, answers, calls with long results."""
    messages: list[ChatMessage] = []
    weight = 0

    def add(role: Any, text: str, **fields: Any) -> None:
        nonlocal weight
        parent = messages[-1].id if messages else None
        id_ = f"{len(messages):06d}"
        messages.append(
            ChatMessage(id_, role, text_parts(text), parent, created=float(len(messages)), **fields)
        )
        weight += 4 + len(encoded(text))

    while weight < tokens:
        turn = len(messages)
        add("user", said(120, turn))
        if calls and turn % 5 == 0:
            asked = (ToolCall(f"a{turn}", "tide", '{"at": 7}'), ToolCall(f"b{turn}", "fog", "{}"))
            add("assistant", "", tool_calls=asked)
            add("tool", said(500, turn + 1), tool_call_id=f"a{turn}")
            add("tool", said(30, turn + 2), tool_call_id=f"b{turn}")
        add("assistant", said(150, turn + 3))
    conversation = Conversation(
        CONVERSATION,
        title="Tides",
        created=1.0,
        updated=2.0,
        system_prompt=SYSTEM,
        targets=(target,),
        head=messages[-1].id,
    )
    return conversation, messages


def keep(home: Path, conversation: Conversation, messages: Sequence[ChatMessage]) -> None:
    """Write a conversation to where the program keeps its own."""

    async def write() -> None:
        async with open_store(find_paths({"CHAT_TUI_HOME": str(home)})) as store:
            await store.add_messages(conversation, messages)

    asyncio.run(write())
