"""Records of what went over the wire, with every secret taken out on the way in."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import httpx

from chat_tui.core.clock import Clock
from chat_tui.core.events import ExtrasDelta, ReplyEvent, ReplyFinished
from chat_tui.core.exchanges import HIDDEN, MAX_KEPT_BYTES, ExchangeRecord
from chat_tui.providers.keys import REDACTED, Key

_SECRET_NAME = re.compile(
    r"(?i)^(?!x-ratelimit|.*-(limit|remaining|reset)).*"
    r"(auth|key|token|secret|cookie|password|credential|signature)"
)
"""Names of headers whose value is nobody's business."""
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&][^=&#]*(?:key|token|secret|password|signature|sig)[^=&#]*=)[^&#]+"
)


def new_record(
    request: httpx.Request, key: Key | None, clock: Clock, body: str, *, reply: str = ""
) -> ExchangeRecord:
    """Begin the record of a request that is about to be sent.

    Args:
        request: what is sent.
        key: the one that it carries; taken out of everything.
        clock: for the moment it began.
        body: of the request, without the key.
        reply: the id of the message that it is for.
    """
    holder = _key_header(request.headers.items(), key)
    return ExchangeRecord(
        reply=reply,
        method=request.method,
        url=_url(str(request.url), key),
        headers=_headers(request.headers.items(), key, holder),
        body=body,
        key_source=key.source if key is not None and holder else "",
        started=clock.now(),
    )


def without_key(event: ReplyEvent, key: Key | None) -> ReplyEvent:
    """The event; what stands beside the text is kept without the key.

    Some gateways send the headers of the request back in fields of their own, and those are
    stored with the reply.
    """
    if key is None:
        return event
    match event:
        case ExtrasDelta():
            annotations, images = _redacted((event.annotations, event.images), key)
            return replace(event, annotations=tuple(annotations), images=tuple(images))
        case ReplyFinished():
            beside = (event.finish_reason, event.model, event.annotations, event.raw)
            finish_reason, model, annotations, raw = _redacted(beside, key)
            return replace(
                event,
                finish_reason=finish_reason,
                model=model,
                annotations=tuple(annotations),
                raw=raw,
            )
        case _:
            return event


def _redacted(values: Sequence[Any], key: Key) -> Sequence[Any]:
    """JSON values without the key; the same ones where it is not in them."""
    text = json.dumps(values)
    redacted = key.redact(text)
    return values if redacted == text else json.loads(redacted)


class Recorder:
    """Fills a record while its exchange runs; cheap for each piece of the body.

    Args:
        record: what is filled.
        key: taken out of what comes.
        clock: for the phases.
    """

    def __init__(self, record: ExchangeRecord, key: Key | None, clock: Clock) -> None:
        self._record = record
        self._key = key
        self._clock = clock
        self._began = clock.monotonic()

    def reach(self, phase: str) -> None:
        """Note that a phase was reached; again, where a proxy came first."""
        self._record.phases.pop(phase, None)
        self._record.phases[phase] = self._clock.monotonic() - self._began

    def answered(self, response: httpx.Response) -> None:
        """Note the head of the response."""
        self._record.status = response.status_code
        self._record.reason = _redact(response.reason_phrase, self._key)
        self._record.response_headers = _headers(response.headers.items(), self._key, "")
        if "answered" not in self._record.phases:
            self.reach("answered")  # what stands in for a network has no steps

    def receive(self, data: bytes) -> None:
        """Keep a piece of the body."""
        record = self._record
        before = record.size
        if not before:
            self.reach("first_byte")
        start = len(record.received)
        record.receive(data)
        if before < MAX_KEPT_BYTES and self._key is not None:
            self._key.redact_bytes(record.received, start)

    def end(self, error: str) -> None:
        """Note the end.

        Args:
            error: why it failed, in the words that the user is told; empty where it did not.
        """
        if "ended" not in self._record.phases:
            self.reach("ended")
        self._record.error = _redact(error, self._key)


def _key_header(headers: Iterable[tuple[str, str]], key: Key | None) -> str:
    """The name of the header that carries the key."""
    if key is None:
        return ""
    value = key.reveal()
    return next((name for name, text in headers if text in (value, f"Bearer {value}")), "")


def _headers(headers: Iterable[tuple[str, str]], key: Key | None, holder: str) -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, value in headers:
        if name == holder and key is not None:
            shown[name] = value.removesuffix(key.reveal()) + REDACTED
        elif _SECRET_NAME.search(name):
            shown[name] = HIDDEN
        else:
            shown[name] = _redact(value, key)
    return shown


def _url(url: str, key: Key | None) -> str:
    return _SECRET_PARAMETER.sub(rf"\1{HIDDEN}", _redact(url, key))


def _redact(text: str, key: Key | None) -> str:
    return key.redact(text) if key is not None else text
