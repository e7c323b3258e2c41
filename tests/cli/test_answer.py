"""Exit codes and JSON of outcomes, without a process."""

import json

import pytest

from chat_tui.cli.answer import Outcome, json_text
from chat_tui.core.errors import ErrorInfo, ErrorKind
from chat_tui.core.messages import ChatMessage, Cost, Status, text_parts
from chat_tui.core.targets import Target

TARGET = Target("p", "m")


def outcome(status: Status, kind: ErrorKind | None = None) -> Outcome:
    error = None if kind is None else ErrorInfo(kind, "It failed.")
    return Outcome(TARGET, reply=ChatMessage("r", "assistant", status=status, error=error))


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("complete", None, 0),
        ("length", None, 0),
        ("stopped", None, 0),
        ("filtered", None, 1),
        ("filtered", "filtered", 1),
        ("interrupted", "interrupted", 1),
        ("interrupted", "rate_limit", 1),
        ("error", "usage", 2),
        ("error", "auth", 3),
        ("error", "forbidden", 3),
        ("error", "not_found", 4),
        ("error", "too_large", 5),
        ("error", "context", 5),
        ("error", "rate_limit", 6),
        ("error", "quota", 6),
        ("error", "connect", 7),
        ("error", "tls", 7),
        ("error", "timeout", 1),
        ("error", "protocol", 1),
        ("error", "redirect", 1),
        ("error", "server", 1),
        ("error", "bad_request", 1),
    ],
)
def test_exit_code_follows_the_contract(status: Status, kind: ErrorKind | None, code: int) -> None:
    assert outcome(status, kind).exit_code == code


def test_storage_trouble_makes_a_complete_answer_exit_1() -> None:
    reply = ChatMessage("r", "assistant", text_parts("all of it"))
    told = Outcome(TARGET, reply=reply, error=ErrorInfo("storage", "The disk is full."))

    assert told.exit_code == 1
    got = json.loads(json_text([told], array=False))
    assert (got["status"], got["text"], got["error"]["kind"]) == (
        "complete",
        "all of it",
        "storage",
    )


def test_failure_of_the_reply_goes_before_storage_trouble() -> None:
    both = Outcome(
        TARGET,
        reply=ChatMessage("r", "assistant", status="error", error=ErrorInfo("auth", "No.")),
        error=ErrorInfo("storage", "The disk is full."),
    )

    assert both.exit_code == 3
    assert json.loads(json_text([both], array=False))["error"]["kind"] == "auth"


def test_stopped_before_any_reply_has_all_keys() -> None:
    (got,) = json.loads(json_text([Outcome(TARGET)], array=True))

    assert got["status"] == "stopped"
    assert got["text"] == ""
    assert got["timings"] == {"first_token_s": None, "total_s": None, "attempts": 0}
    assert got["id"] is None


@pytest.mark.parametrize(
    ("own", "raw", "cost"),
    [
        (None, {}, None),
        (None, {"cost": 0.5}, {"amount": 0.5, "currency": "USD"}),
        (None, {"cost": 0}, {"amount": 0, "currency": "USD"}),
        (Cost(1.5, "EUR"), {"cost": 0.5}, {"amount": 1.5, "currency": "EUR"}),
        (None, {"cost": "much"}, None),
        (None, {"cost": True}, None),
        (None, {"cost": -1}, None),
        (None, {"cost": float("nan")}, None),
        (None, {"cost": {}}, None),
    ],
)
def test_cost_is_the_reply_s_own_else_what_the_provider_says(
    own: Cost | None, raw: dict[str, object], cost: dict[str, object] | None
) -> None:
    reply = ChatMessage("r", "assistant", cost=own, raw=raw)

    assert json.loads(json_text([Outcome(TARGET, reply=reply)], array=False))["cost"] == cost


@pytest.mark.parametrize(
    ("param", "hint"),
    [
        ("seed", "Mend it. -p seed= leaves it out."),
        ("top_k", "Mend it. Leave top_k out of -p extra."),
        ("messages", "Mend it."),
        (None, "Mend it."),
    ],
)
def test_hint_says_how_to_leave_out_what_was_given(param: str | None, hint: str) -> None:
    error = ErrorInfo("bad_request", "No.", "Mend it.", 400, param=param)
    target = Target("p", "m", {"seed": 1, "extra": {"top_k": 1}})
    reply = ChatMessage("r", "assistant", status="error", error=error)

    failure = Outcome(target, reply=reply).failure
    assert failure is not None
    assert failure.hint == hint
