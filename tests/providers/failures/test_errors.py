"""What servers say, in the core's words."""

import json

import pytest

from chat_tui.core.errors import (
    AuthError,
    BadRequestError,
    ChatError,
    ContextError,
    FilteredError,
    ForbiddenError,
    NotFoundError,
    QuotaError,
    RateLimitError,
    ServerError,
    StatusError,
    TooLargeError,
)
from chat_tui.providers.failures.errorbodies import error_body, page_title
from chat_tui.providers.failures.errors import MAX_WORDS, Peer, status_error
from chat_tui.providers.keys import Key

CANARY = "sk-canary-0123456789"
PEER = Peer("Test", "api.test", "m", Key(CANARY, "TEST_KEY"))


def error(status: int, body: object, **headers: str) -> ChatError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status_error(status, headers, content, PEER)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "boom", "type": "t", "param": None, "code": "c"}}, "boom"),
        ({"error": {"message": "boom"}}, "boom"),
        ({"error": {"code": 502, "message": "no", "metadata": {"raw": "boom"}}}, "no: boom"),
        ({"error": "boom"}, "boom"),
        ({"detail": "boom"}, "boom"),
        (
            {"detail": [{"loc": ["body", "n"], "msg": "boom"}, {"msg": "bang"}]},
            "body.n: boom; bang",
        ),
        ({"code": 3, "message": "boom", "object": "error", "type": "t"}, "boom"),
        ([{"error": {"message": "boom", "status": "UNAVAILABLE"}}], "boom"),
        ({"message": "boom"}, "boom"),
        (b"boom", "boom"),
        (b"", ""),
        ([], ""),
        (None, ""),
        (7, ""),
        ({"error": {"message": {"text": "x"}}}, ""),
        (b"<html><title>502 Bad Gateway</title></html>", "a page titled “502 Bad Gateway”"),
        (b"\xff\xfe\x00", "\ufffd\ufffd␀"),
    ],
)
def test_every_shape_of_body_gives_its_words(body: object, words: str) -> None:
    found = error(500, body)
    assert isinstance(found, ServerError)
    assert found.message == f"Test failed (500){': ' + words if words else '.'}"
    assert found.status == 500


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthError),
        (402, QuotaError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (405, BadRequestError),
        (408, ServerError),
        (409, ServerError),
        (413, TooLargeError),
        (415, BadRequestError),
        (418, BadRequestError),
        (422, BadRequestError),
        (429, RateLimitError),
        (500, ServerError),
        (501, ServerError),
        (502, ServerError),
        (503, ServerError),
        (504, ServerError),
        (529, ServerError),
    ],
)
def test_each_status_has_its_error_and_a_next_step(status: int, kind: type[ChatError]) -> None:
    found = error(status, {"error": {"message": "words"}})
    assert type(found) is kind
    assert found.hint
    assert f"({status})" in found.message or status == 402
    assert found.message.endswith(": words")


@pytest.mark.parametrize(
    ("status", "details", "kind"),
    [
        (429, {"code": "insufficient_quota"}, QuotaError),
        (429, {"type": "insufficient_quota", "message": "x"}, QuotaError),
        (429, {"message": "You exceeded your current quota, please check"}, QuotaError),
        (400, {"code": "context_length_exceeded"}, ContextError),
        (400, {"message": "This model's maximum context length is 8192 tokens."}, ContextError),
        (400, {"type": "exceed_context_size_error", "n_ctx": 4096, "message": "x"}, ContextError),
        (400, {"message": "prompt is too long: 250000 tokens > 200000 maximum"}, ContextError),
        (400, {"code": "content_filter", "message": "x"}, FilteredError),
        (400, {"code": "content_policy_violation"}, FilteredError),
        (400, {"message": "context is a required field"}, BadRequestError),
    ],
)
def test_codes_and_words_tell_more_than_the_status(
    status: int, details: dict[str, object], kind: type[ChatError]
) -> None:
    assert type(error(status, {"error": details})) is kind


def test_words_are_clean_short_and_without_the_key() -> None:
    found = error(400, {"error": {"message": f"bad\x1b]52;c;x\x07\n{CANARY} " + "x" * 2000}})
    assert CANARY not in found.message
    assert "\x1b" not in found.message
    assert "\n" not in found.message
    assert len(found.message) < MAX_WORDS + 100


def test_the_wait_that_is_asked_for_is_named() -> None:
    found = status_error(429, {"retry-after": "90"}, b"", PEER)
    assert isinstance(found, RateLimitError)
    assert found.retry_after == 90.0
    assert "1 min 30 s" in found.hint


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("0.5", ""), ("7", "7 s"), ("600", "10 min"), ("432.5", "7 min 13 s"), ("86400", "24 h")],
)
def test_long_waits_are_told_in_minutes_and_hours(seconds: str, words: str) -> None:
    found = status_error(429, {"retry-after": seconds}, b"", PEER)
    assert found.hint.startswith(f"Send it again in {words}," if words else "Wait a moment")


def test_a_wait_is_no_advice_where_waiting_mends_nothing() -> None:
    body = b'{"error": {"code": "insufficient_quota"}}'
    found = status_error(429, {"retry-after": "30"}, body, PEER)
    assert isinstance(found, QuotaError)
    assert "30" not in found.hint


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422, 429, 500, 501, 503, 529])
@pytest.mark.parametrize("wait", ["", "600"])
def test_a_hint_is_one_sentence(status: int, wait: str) -> None:
    for peer in (PEER, Peer("Test")):
        hint = status_error(status, {"retry-after": wait}, b"", peer).hint
        assert hint.endswith(".")
        assert ". " not in hint


def test_only_the_beginning_of_long_words_is_judged() -> None:
    late = "x " * MAX_WORDS * 16 + "maximum context length is 8192 tokens"
    assert type(error(400, {"error": {"message": late}})) is BadRequestError
    page = f"<html>{' ' * 40_000}<title>late</title>"
    assert "(no title)" in error(500, page.encode()).message


def test_a_refused_key_is_named_by_its_source() -> None:
    assert "TEST_KEY" in error(401, {}).message
    nobody = status_error(401, {}, b"", Peer("Test"))
    assert "none was sent" in nobody.message


def test_a_parameter_is_named() -> None:
    found = error(422, {"error": {"message": "x", "param": "temperature"}})
    assert isinstance(found, StatusError)
    assert found.param == "temperature"
    assert "the parameter temperature" in found.message


def test_a_status_inside_the_body_is_found_only_where_it_is_one() -> None:
    assert error_body({"error": {"code": 429}}).status == 429
    assert error_body({"error": {"code": "503"}}).status == 503
    assert error_body({"error": {"code": 3}}).status is None


def test_a_page_without_a_title_says_so() -> None:
    assert page_title("<html><title> </title>") == "(no title)"
