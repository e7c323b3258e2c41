"""Every shape of error that was seen, and what is made of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
from chat_tui.providers.failures.errors import MODEL_NOT_FOUND, Peer, body_error, status_error
from chat_tui.providers.keys import Key

CANARY = "sk-canary-0123456789"
PEER = Peer("Test", "api.test", "m", Key(CANARY, "TEST_KEY"))

SENTENCES = {
    "object": '`{"error": {message, type, param, code}}`; without `param`/`type`',
    "number": "`code` a number (OpenRouter, Perplexity, llama.cpp)",
    "metadata": "with `metadata.raw` the upstream's words",
    "text": '`{"error": "text"}` (Venice)',
    "detail": '`{"detail": "text" | [ … ]}` (FastAPI, Mistral 401)',
    "top": "`{code, message, object, type}` at the top (Mistral)",
    "list": '`[{"error": …}]` (Gemini)',
    "message": "`{message}`",
    "failed_generation": "`failed_generation` (Groq)",
    "n_ctx": "`n_ctx`, `n_prompt_tokens` (llama.cpp: the window, learn it)",
    "empty": "empty bodies with 500",
    "html": "HTML",
    "octets": "JSON sent as `application/octet-stream`",
    "retry-after": "`Retry-After` in seconds or as a date, `retry-after-ms`, `x-ratelimit-reset-*`",
    "words": "what codes and words tell beyond the status",
}
"""What was seen, by a short name."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response that says no."""

    sentence: str
    status: int
    body: object
    kind: type[ChatError]
    words: str = "boom"
    param: str | None = None
    window: int | None = None
    wait: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def error(**fields: Any) -> dict[str, Any]:
    return {"error": {"message": "boom"} | fields}


GEMINI = {
    "code": 429,
    "message": "You exceeded your current quota, boom",
    "status": "RESOURCE_EXHAUSTED",
}
RETRY_INFO = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
N_CTX = {"type": "exceed_context_size_error", "n_ctx": 4096, "n_prompt_tokens": 5000}
LOC = {"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "Extra inputs, boom"}
CLOUDFLARE = b"""<!DOCTYPE html>\n<!--[if lt IE 7]> <html class="no-js ie6"> <![endif]-->
<head><title>api.test | 502: Bad gateway</title></head><body><h1>Bad gateway</h1>"""
NGINX = b"<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body><center>"

CASES = [
    Refusal(
        "object",
        400,
        error(type="invalid_request_error", param="seed", code="x"),
        BadRequestError,
        "the parameter seed (400): boom",
        "seed",
    ),
    Refusal("object", 500, error(type=None, param=None, code=None), ServerError, "(500): boom"),
    Refusal("object", 400, error(), BadRequestError),
    Refusal("number", 402, error(code=402), QuotaError),
    Refusal("number", 503, error(code=503, type="unavailable_error"), ServerError),
    Refusal(
        "metadata",
        502,
        error(code=502, metadata={"raw": "upstream", "provider_name": "P"}),
        ServerError,
        "boom: upstream",
    ),
    Refusal(
        "metadata",
        400,
        error(code=400, metadata={"raw": '{"error":{"message":"no seed","param":"seed"}}'}),
        BadRequestError,
        "boom: no seed",
        "seed",
    ),
    Refusal(
        "metadata",
        400,
        error(metadata={"raw": '{"error": {"code": "content_filter"}}'}),
        FilteredError,
    ),
    Refusal(
        "metadata",
        400,
        error(metadata={"raw": {"message": "upstream"}}),
        BadRequestError,
        "boom: upstream",
    ),
    Refusal(
        "metadata", 400, error(metadata={"raw": "{not JSON"}), BadRequestError, "boom: {not JSON"
    ),
    Refusal("text", 400, {"error": "boom"}, BadRequestError),
    Refusal(
        "text",
        404,
        {"error": "model 'x' not found, try pulling it first, boom"},
        NotFoundError,
        "does not know the model m (404)",
    ),
    Refusal("detail", 401, {"detail": "boom"}, AuthError),
    Refusal(
        "detail",
        422,
        {"detail": [LOC]},
        BadRequestError,
        "the parameter top_k (422): body.top_k: Extra inputs, boom",
        "top_k",
    ),
    Refusal(
        "detail",
        422,
        {"detail": [{"loc": ["body", "messages", 0, "role"], "msg": "boom"}]},
        BadRequestError,
        "boom",
        "messages.0.role",
    ),
    Refusal(
        "detail",
        422,
        {"object": "error", "message": {"detail": [LOC]}, "type": "x"},
        BadRequestError,
        "boom",
        "top_k",
    ),
    Refusal("detail", 400, {"detail": {"error": "boom"}}, BadRequestError),
    Refusal("detail", 400, {"detail": ["boom", "bang"]}, BadRequestError, "boom; bang"),
    Refusal(
        "top",
        429,
        {"code": "1300", "message": "boom", "object": "error", "type": "t"},
        RateLimitError,
    ),
    Refusal(
        "top",
        400,
        {"message": "Invalid model: x, boom", "type": "invalid_model"},
        NotFoundError,
        "(400): Invalid model",
    ),
    Refusal("list", 503, [error(code=503, status="UNAVAILABLE")], ServerError),
    Refusal("list", 400, {"error": ["boom", "bang"]}, BadRequestError),
    Refusal(
        "list", 400, {"success": False, "errors": [{"code": 7, "message": "boom"}]}, BadRequestError
    ),
    Refusal("message", 403, {"message": "boom"}, ForbiddenError),
    Refusal("message", 401, {"statusCode": 401, "message": "boom"}, AuthError),
    Refusal("message", 500, {"error": {"code": 1}, "message": "boom"}, ServerError),
    Refusal(
        "failed_generation",
        400,
        error(code="tool_use_failed", failed_generation="<function=x>" + "y" * 900),
        BadRequestError,
        "boom The model wrote: <function=x>yyy",
    ),
    Refusal("n_ctx", 400, error(code=400, **N_CTX), ContextError, window=4096),
    Refusal("n_ctx", 500, error(n_ctx="many"), ServerError),
    Refusal("empty", 500, b"", ServerError, "failed (500)."),
    Refusal("empty", 401, b"  \r\n", AuthError, "TEST_KEY (401)."),
    Refusal("empty", 500, {}, ServerError, "failed (500)."),
    Refusal("html", 502, CLOUDFLARE, ServerError, "a page titled “api.test | 502: Bad gateway”"),
    Refusal("html", 504, NGINX, ServerError, "a page titled “504 Gateway Time-out”"),
    Refusal(
        "html",
        503,
        b"\xef\xbb\xbf <html><body><h1>Service <b>down</b> &amp; out</h1>",
        ServerError,
        "“Service down & out”",
    ),
    Refusal(
        "html",
        403,
        b'<?xml version="1.0"?><Error><Message>boom</Message></Error>',
        ForbiddenError,
        "“boom”",
    ),
    Refusal("html", 404, b"<html><title>404 Not Found</title>", NotFoundError, "the address (404)"),
    Refusal(
        "octets",
        400,
        error(),
        BadRequestError,
        headers={"content-type": "application/octet-stream"},
    ),
    Refusal("octets", 400, b"\xef\xbb\xbf" + json.dumps(error()).encode(), BadRequestError),
    Refusal(
        "octets",
        400,
        b'event: error\ndata: {"error": {"message": "boom"}}\n\n',
        BadRequestError,
        "(400): boom",
    ),
    Refusal("retry-after", 429, error(), RateLimitError, wait=7.0, headers={"retry-after": "7"}),
    Refusal("retry-after", 503, error(), ServerError, wait=7.0, headers={"retry-after": "7"}),
    Refusal(
        "retry-after",
        429,
        error(),
        RateLimitError,
        wait=360.0,
        headers={"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "0"},
    ),
    Refusal("retry-after", 503, error(), ServerError, headers={"x-ratelimit-reset-tokens": "6m"}),
    Refusal(
        "retry-after",
        429,
        {"error": {"message": "boom. Please try again in 7m1.5s. Bye"}},
        RateLimitError,
        wait=421.5,
    ),
    Refusal(
        "retry-after",
        429,
        {"error": {"message": "boom. Please retry after 20 seconds."}},
        RateLimitError,
        wait=20.0,
    ),
    Refusal(
        "retry-after",
        429,
        {"error": {"message": "boom: try again in 250ms"}},
        RateLimitError,
        wait=0.25,
    ),
    Refusal(
        "retry-after",
        429,
        {"error": GEMINI | {"details": [{}, RETRY_INFO]}},
        RateLimitError,
        wait=34.5,
    ),
    Refusal("words", 429, {"error": GEMINI}, QuotaError),
    Refusal("words", 429, error(code="insufficient_quota"), QuotaError),
    Refusal(
        "words", 400, {"error": {"message": "Your credit balance is too low, boom"}}, QuotaError
    ),
    Refusal(
        "words",
        400,
        {"error": {"message": "API key not valid. boom"}},
        AuthError,
        "refused the key from TEST_KEY (400)",
    ),
    Refusal(
        "words",
        400,
        {"error": {"message": "Incorrect API key provided: sk-a***z, boom"}},
        AuthError,
    ),
    Refusal("words", 400, {"error": {"message": "x is not a valid model ID, boom"}}, NotFoundError),
    Refusal("words", 400, {"error": {"message": "Model Not Exist, boom"}}, NotFoundError),
    Refusal(
        "words", 400, error(code="model_not_found", param="model"), NotFoundError, param="model"
    ),
    Refusal(
        "words",
        400,
        {"error": {"message": "'temperature' does not support 0.7 with this model, boom"}},
        BadRequestError,
    ),
    Refusal(
        "words",
        400,
        {"error": {"message": "tool x not found for this model, boom", "param": "tools"}},
        BadRequestError,
        param="tools",
    ),
    Refusal("words", 404, error(code="DeploymentNotFound"), NotFoundError, "the model m (404)"),
    Refusal(
        "words",
        404,
        {"error": {"message": "No endpoints found for x, boom"}},
        NotFoundError,
        "the model m (404)",
    ),
    Refusal(
        "words",
        403,
        error(
            message="boom requires moderation. Your input was flagged",
            metadata={"reasons": ["violence"]},
        ),
        FilteredError,
        "flagged: violence",
    ),
    Refusal(
        "words", 400, error(innererror={"code": "ResponsibleAIPolicyViolation"}), FilteredError
    ),
    Refusal("words", 413, error(code="rate_limit_exceeded"), TooLargeError),
]

CONTEXT_WORDS = [
    "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
    "the request exceeds the available context size. try increasing the context size",
    "Requested tokens (5000) exceed context window of 4096",
    "prompt is too long: 250000 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    "The input token count (1300000) exceeds the maximum number of tokens allowed (1048576).",
    "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
    "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
    "Please reduce the length of the messages or completion.",
    "`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens",
]
NOT_CONTEXT_WORDS = [
    "context is a required field",
    "'max_tokens' is too large: 50000. This model's maximum context length is 4096 tokens",
    "max_tokens is too large: 50000",
]


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=f"{c.sentence}-{n}") for n, c in enumerate(CASES)]
)
def test_a_refusal_is_understood(case: Refusal) -> None:
    content = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    found = status_error(case.status, case.headers, content, PEER)
    assert type(found) is case.kind
    assert case.words in found.message
    assert found.status == case.status
    assert found.hint
    assert isinstance(found, StatusError | ContextError | FilteredError)
    if isinstance(found, ContextError):
        assert found.window == case.window
    if isinstance(found, StatusError):
        about = "model" if found.code == MODEL_NOT_FOUND else None
        assert (found.param, found.retry_after) == (case.param or about, case.wait)
        assert (found.code == MODEL_NOT_FOUND) == ("know the model" in found.message)


def test_every_shape_has_a_case() -> None:
    assert {case.sentence for case in CASES} == set(SENTENCES)


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("words", CONTEXT_WORDS)
def test_a_window_that_is_too_small_is_told_in_many_words(words: str, status: int) -> None:
    assert isinstance(status_error(status, {}, words.encode(), PEER), ContextError)


@pytest.mark.parametrize("words", NOT_CONTEXT_WORDS)
def test_other_words_are_about_a_parameter(words: str) -> None:
    assert isinstance(status_error(400, {}, words.encode(), PEER), BadRequestError)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": {"code": 429}}, RateLimitError),
        ({"error": {"type": "overloaded_error"}}, ServerError),
        ({"error": {"status": "UNAUTHENTICATED"}}, AuthError),
        ({"error": {"code": "model_not_found"}}, NotFoundError),
        ({"error": {"code": "context_length_exceeded"}}, ContextError),
        ({"error": {"message": "maximum context length is 5"}}, ContextError),
        ({"object": "error", "code": 40303, "message": "x"}, ServerError),
    ],
)
def test_an_error_that_came_with_200_is_judged_by_its_code(
    body: dict[str, Any], kind: type[ChatError]
) -> None:
    assert type(body_error(body, PEER)) is kind


@pytest.mark.parametrize(
    "place",
    [
        lambda key: {"error": {"message": f"no {key}"}},
        lambda key: {"error": {"message": "x" * 490 + key}},
        lambda key: {"error": {"message": f"no {key[:5]}\u202e{key[5:]}"}},
        lambda key: {"error": {"message": "no", "param": key, "code": key, "type": key}},
        lambda key: {"error": {"message": "no", "metadata": {"raw": key}}},
        lambda key: {"detail": [{"loc": ["body", key], "msg": key}]},
        lambda key: f"<title>{key}</title>",
        lambda key: key,
    ],
)
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_the_key_shows_nowhere_in_an_error(place: Any, status: int) -> None:
    body = place(CANARY)
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    found = status_error(status, {}, content, PEER)
    told = f"{found.message} {found.hint} {found.info!r} {vars(found)} {found!r}"
    assert CANARY not in told
    assert CANARY[:12] not in told
