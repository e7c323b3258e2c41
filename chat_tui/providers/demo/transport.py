"""The demo provider's transport: the place of the network under the same HTTP client."""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import httpx

from chat_tui.core.clock import Clock
from chat_tui.providers.catalogue import DEMO_WINDOW
from chat_tui.providers.demo.answers import Answer, answer
from chat_tui.providers.demo.attached import shorten
from chat_tui.providers.demo.counting import prompt_tokens
from chat_tui.providers.demo.models import entries, model_of
from chat_tui.providers.demo.moods import Moods
from chat_tui.providers.demo.pieces import Piece
from chat_tui.providers.fields import as_dict, as_list, as_text, parse_json

_DEFAULT_RATE = 60.0
_FIRST_TOKEN = 0.3
_LARGE = 1_000_000
"""Bytes of a request that is not read at once."""
_BREATH = 32
"""Pieces after which an unpaced stream lets others run."""
_PAGE = "<!doctype html><html><head><title>Welcome to the demo</title></head><body></body></html>"
_BROKEN = "peer closed connection without sending complete message body (incomplete chunked read)"
_TOO_LONG = f"This model's maximum context length is {DEMO_WINDOW} tokens."
_ERRORS: Mapping[str, tuple[int, str, str]] = {
    "400": (400, "invalid_request_error", "The request is not right."),
    "401": (401, "invalid_api_key", "Incorrect API key provided."),
    "402": (402, "insufficient_quota", "You have no credits left."),
    "403": (403, "permission_error", "This key may not use this model."),
    "404": (404, "model_not_found", "The model does not exist."),
    "413": (413, "request_too_large", "Request too large."),
    "429": (429, "rate_limit_exceeded", "Rate limit exceeded."),
    "context": (400, "context_length_exceeded", _TOO_LONG),
    "quota": (429, "insufficient_quota", "You exceeded your current quota."),
}


class DemoTransport(httpx.AsyncBaseTransport):
    """Answers requests as a server would.

    Args:
        clock: for the pace, and the time stamps.
        seed: where a text is cut into deltas depends on it and on the prompt alone.
        rate: deltas a second; 0 sends them as fast as they are taken.
    """

    def __init__(self, clock: Clock, *, seed: str = "0", rate: float = _DEFAULT_RATE) -> None:
        self._clock = clock
        self._seed = seed
        self._rate = rate
        self._moods = Moods(seed)

    @classmethod
    def from_environment(cls, clock: Clock, environ: Mapping[str, str]) -> "DemoTransport":
        """With `CHAT_TUI_DEMO_SEED` and `CHAT_TUI_DEMO_RATE`, where they are set and sensible."""
        rate = environ.get("CHAT_TUI_DEMO_RATE", "").strip()
        sensible = re.fullmatch(r"\d{1,9}(\.\d{1,9})?", rate) is not None
        return cls(
            clock,
            seed=environ.get("CHAT_TUI_DEMO_SEED", "0"),
            rate=float(rate) if sensible else _DEFAULT_RATE,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        content = await request.aread()
        if request.url.path.endswith("/models"):
            return httpx.Response(200, json={"object": "list", "data": entries()})
        try:
            if len(content) > _LARGE:  # by its pictures
                body, reply, prompt = await asyncio.to_thread(_read, content)
            else:
                body, reply, prompt = _read(content)
        except ValueError:
            return _refusal("400")
        if model_of(body).flaky and not reply.fault:
            reply = replace(reply, fault=self._moods.fault_of(body))
        if prompt > DEMO_WINDOW:
            return _refusal("context", f" The messages have about {prompt}.")
        if reply.fault.isdecimal() or reply.fault in _ERRORS:
            return _refusal(reply.fault)
        if reply.fault == "html":
            return httpx.Response(200, html=_PAGE)
        plan = _Plan(body, reply, self._seed, int(self._clock.now()), prompt)
        if body.get("stream"):
            headers = {"Content-Type": "text/event-stream; charset=utf-8"}
            return httpx.Response(200, headers=headers, stream=_Stream(self._stream(plan)))
        headers = {"Content-Type": "application/json"}
        return httpx.Response(200, headers=headers, stream=_Stream(self._whole(plan)))

    async def _stream(self, plan: "_Plan") -> AsyncIterator[bytes]:
        yield plan.event({"role": "assistant", "content": ""})
        model = model_of(plan.body)
        # As with real models, each of n answers comes as fast as one alone.
        rate = self._rate * model.rate * plan.choices
        started = self._clock.monotonic() + (_FIRST_TOKEN * model.first if rate else 0)
        for sent, (choice, piece) in enumerate(plan.pieces):
            await self._pace(started, sent, rate)
            if plan.fault and sent >= plan.fault_at:
                await _fail(plan.fault)
                break
            yield plan.event(piece.delta(plan.id), choice)
        for choice in range(plan.choices):
            yield plan.event({}, choice, plan.finish_reason)
        if as_dict(plan.body.get("stream_options")).get("include_usage"):
            usage = {**plan.head, "choices": [], "usage": plan.usage}
            yield b"data: " + _json(usage) + b"\n\n"
        yield b"data: [DONE]\n\n"

    async def _whole(self, plan: "_Plan") -> AsyncIterator[bytes]:
        if self._rate:
            model = model_of(plan.body)
            going = len(plan.pieces) / (self._rate * model.rate) / 4
            await self._clock.sleep(_FIRST_TOKEN * model.first + going)
        content = _json(plan.whole())
        if plan.fault in {"cut", "stall"}:
            yield content[: len(content) // 2]
            await _fail(plan.fault)
        yield content

    async def _pace(self, started: float, sent: int, rate: float) -> None:
        if rate:
            ahead = started + sent / rate - self._clock.monotonic()
            if ahead > 0:
                await self._clock.sleep(ahead)
        elif sent % _BREATH == 0:
            await asyncio.sleep(0)


def _read(content: bytes) -> tuple[dict[str, Any], Answer, int]:
    """The body of a request without large pictures, the answer to it, and its tokens.

    Raises:
        ValueError: it is no JSON.
    """
    body = as_dict(parse_json(content.decode()))
    reply, tokens = answer(body), prompt_tokens(body)
    shorten(body)
    return body, reply, tokens


class _Stream(httpx.AsyncByteStream):
    """The body of a response from an iterator."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces


class _Plan:
    """One reply, cut into pieces and counted."""

    def __init__(
        self, body: dict[str, Any], reply: Answer, seed: str, created: int, prompt: int
    ) -> None:
        self.body = body
        self.fault = reply.fault
        self.choices = _count(body.get("n"), 1, 16)
        messages = as_list(body.get("messages"))
        self._random = random.Random(f"{seed}:{_json(messages)!r}")
        self.id = f"{self._random.getrandbits(48):012x}"
        self.head: dict[str, Any] = {
            "id": f"chatcmpl-demo-{self.id}",
            "object": "chat.completion.chunk",
            "created": created,
            "model": as_text(body.get("model")) or "demo",
        }
        self.finish_reason = "tool_calls" if reply.tool_calls else "stop"
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        self._limit = _count(limit, 1_000_000, 1_000_000)
        cuts = [self._cut(reply, choice) for choice in range(self.choices)]
        rows = zip_longest(*cuts)
        self.pieces = [(c, piece) for row in rows for c, piece in enumerate(row) if piece]
        if reply.fault == "filter":
            self.finish_reason = "content_filter"
            self.pieces = self.pieces[:8]
        self.fault_at = min(12, len(self.pieces) // 2)
        self.usage = self._usage(prompt)

    def event(self, delta: dict[str, Any], choice: int = 0, reason: str | None = None) -> bytes:
        """A chunk as an event of the stream."""
        choices = [{"index": choice, "delta": delta, "finish_reason": reason}]
        return b"data: " + _json({**self.head, "choices": choices}) + b"\n\n"

    def whole(self) -> dict[str, Any]:
        """The reply as one object."""
        choices = [
            {"index": at, "message": self._message(at), "finish_reason": self.finish_reason}
            for at in range(self.choices)
        ]
        return {
            **self.head,
            "object": "chat.completion",
            "choices": choices,
            "usage": self.usage,
        }

    def _message(self, choice: int) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": None}
        calls: dict[int, dict[str, Any]] = {}
        for at, piece in self.pieces:
            if at != choice:
                continue
            if piece.kind == "images":
                message.setdefault("images", []).append(piece.image())
            elif piece.kind != "tool_calls":
                message[piece.kind] = (message.get(piece.kind) or "") + piece.text
            elif piece.index in calls:
                calls[piece.index]["function"]["arguments"] += piece.text
            else:
                calls[piece.index] = piece.delta(self.id)["tool_calls"][0]
        if calls:
            message["tool_calls"] = list(calls.values())
        return message

    def _cut(self, reply: Answer, choice: int) -> list[Piece]:
        text = reply.text if choice == 0 else f"(Answer {choice + 1}) {reply.text}"
        for stop in self._stops():
            text = text.partition(stop)[0]
        pieces = [Piece("reasoning_content", part) for part in self._deltas(reply.reasoning)]
        pieces += [Piece("content", part) for part in self._deltas(text)]
        pieces += [Piece("images", url, index) for index, url in enumerate(reply.pictures)]
        for index, (name, arguments) in enumerate(reply.tool_calls):
            pieces.append(Piece("tool_calls", "", index, name))
            pieces += [Piece("tool_calls", part, index) for part in self._deltas(arguments)]
        if len(pieces) > self._limit:
            self.finish_reason = "length"
        return pieces[: self._limit]

    def _stops(self) -> list[str]:
        stop = self.body.get("stop")
        return [word for word in (as_list(stop) or [stop]) if isinstance(word, str) and word]

    def _deltas(self, text: str) -> list[str]:
        """Cut a text as models do: a few letters at a time, one or two of Chinese."""
        parts = []
        at = 0
        while at < len(text):
            size = self._random.randint(1, 2) if text[at] > "\u2e80" else self._random.randint(2, 6)
            parts.append(text[at : at + size])
            at += size
        return parts

    def _usage(self, prompt: int) -> dict[str, Any]:
        """What was read, by an estimate, and what was sent: each delta is a token."""
        thought = sum(piece.kind == "reasoning_content" for _, piece in self.pieces)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": len(self.pieces),
            "total_tokens": prompt + len(self.pieces),
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": thought},
        }


async def _fail(fault: str) -> None:
    if fault == "stall":
        await asyncio.Event().wait()
    if fault == "cut":
        raise httpx.RemoteProtocolError(_BROKEN)


def _refusal(name: str, more: str = "") -> httpx.Response:
    number = int(name) if name.isdecimal() and len(name) == 3 else 500
    number = number if 400 <= number <= 599 else 500
    status, code, message = _ERRORS.get(name, (number, "server_error", "The demo server failed."))
    error = {"message": message + more, "type": code, "param": None, "code": code}
    headers = {"Retry-After": "2"} if name == "429" else {}
    return httpx.Response(status, headers=headers, json={"error": error})


def _count(value: object, default: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        return default
    return min(value, most)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
