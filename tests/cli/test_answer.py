"""Exit codes and JSON of outcomes, without a process."""

import json

import pytest

from chat_tui.cli.answer import Outcome, json_text
from chat_tui.core.errors import ErrorInfo, ErrorKind
from chat_tui.core.messages import ChatMessage, Status, text_parts
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
