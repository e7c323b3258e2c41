"""What can be done about a reply that did not end well, as its card offers it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from chat_tui.core.continuing import can_continue
from chat_tui.core.durations import duration
from chat_tui.core.messages import ChatMessage
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text
from chat_tui.ui.actions import ActiveKeys, action_called

_LONG_WAIT = 60.0
"""Seconds up to which the server's wish to wait is followed without asking (see the retries)."""

_LONGEST_WAIT = 86_400.0

_OF_THE_PROVIDER = frozenset(
    {"auth", "forbidden", "connect", "tls", "not_found", "redirect", "protocol", "quota"}
)
"""The kinds of errors that another key, address or setting of the provider may mend."""

_CANNOT_BE_LEFT_OUT = frozenset({"model", "messages"})


class Offer(NamedTuple):
    """An action beside a message."""

    action: str
    """Its id in the registry."""
    key: str
    """How it is reached from the prompt, as people write it."""
    label: str


def refused_parameter(message: ChatMessage) -> str:
    """The parameter that made a server refuse a request and that may be left out; else empty."""
    error = message.error
    if error is None or error.kind != "bad_request" or not error.param:
        return ""
    name = re.split(r"[.\[]", error.param, maxsplit=1)[0]
    return name if name.isidentifier() and name not in _CANNOT_BE_LEFT_OUT else ""


def wait_wanted(message: ChatMessage) -> float:
    """Seconds that a server wants to be left alone and that are for the user to start; else 0."""
    error = message.error
    if error is None or error.kind != "rate_limit" or error.retry_after is None:
        return 0.0
    return error.retry_after if _LONG_WAIT < error.retry_after <= _LONGEST_WAIT else 0.0


def failed(message: ChatMessage) -> bool:
    """Whether a reply ended in a way that asks for something to be done."""
    if message.status == "streaming" or not (message.role == "assistant" or message.covers):
        return False
    return message.status != "complete" or bool(message.refusal)


def offers_for(message: ChatMessage, keys: ActiveKeys) -> list[Offer]:
    """What a message's card offers, the likeliest help first."""
    if not failed(message):
        return []
    if message.covers is not None:
        # No answer, so that none can be made anew; another summary can.
        return [Offer("compact", keys.shown_anywhere("compact"), text("offer.retry"))]
    kind = message.error.kind if message.error is not None else ""
    other_model = action_called("retry-other-model").label
    labels: dict[str, str] = {}
    if message.error is not None and kind == "not_found" and message.error.param == "model":
        labels["retry-other-model"] = other_model
    if seconds := wait_wanted(message):
        labels["wait-and-retry"] = text("offer.wait", time=duration(seconds))
    if name := refused_parameter(message):
        labels["leave-out"] = text("offer.leave-out", name=clean_line(name, code=True))
    if can_continue(message):
        labels["continue-answer"] = action_called("continue-answer").label
    if kind == "context":
        labels["context"] = action_called("context").label
        labels["compact"] = action_called("compact").label
    if kind in _OF_THE_PROVIDER:
        labels["providers"] = text("offer.providers")
    if kind == "bad_request" or message.status == "length":
        labels["parameters"] = action_called("parameters").label
    again = message.status != "error" and not message.refusal
    labels["regenerate"] = action_called("regenerate").label if again else text("offer.retry")
    if message.status != "stopped":
        labels["retry-other-model"] = other_model
    return [Offer(id_, keys.shown_anywhere(id_), label) for id_, label in labels.items()]


def offers_meanwhile(ids: Iterable[str], keys: ActiveKeys) -> list[Offer]:
    """What is offered while an answer is held up, by the ids of the actions."""
    return [Offer(id_, keys.shown_anywhere(id_), text(f"offer.meanwhile.{id_}")) for id_ in ids]
