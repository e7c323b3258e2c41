"""Lists of models: every shape, every page, and nothing to another origin."""

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chat_tui.core.errors import (
    AuthError,
    ConnectError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
    RedirectError,
    UsageError,
)
from chat_tui.core.models import ModelInfo
from chat_tui.core.targets import ProviderProfile
from chat_tui.providers.connecting.connections import open_http
from chat_tui.providers.endpoints import parse_base_url
from chat_tui.providers.keys import Key
from chat_tui.providers.listing.chat_models import first_chat_model, is_chat_model
from chat_tui.providers.listing.model_facts import entries_of, model_infos
from chat_tui.providers.listing.model_lists import MAX_PAGES, next_page, read_models
from tests.providers.helpers import ImpatientClock
from tests.servers import LoopbackServer, Reply, Request, answer

NOW = 1_800_000_000.0
KEY = "sk-canary-0123456789"


def infos(value: Any, now: float = NOW) -> list[ModelInfo]:
    return model_infos(entries_of(value) or [], now)


def only(entry: Mapping[str, Any]) -> ModelInfo:
    (info,) = infos([{"id": "m", **entry}])
    return info


async def listed(
    base_url: str, key: Key | None = None, clock: ImpatientClock | None = None
) -> list[str]:
    async with open_http(parse_base_url(base_url)) as http:
        profile = ProviderProfile("test", base_url, label="Test")
        models = await read_models(http, profile, key, clock or ImpatientClock(), rand=lambda: 0.5)
    return [model.id for model in models]


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (
            {"object": "list", "data": [{"id": "b"}, {"id": "a"}, {"id": "b"}, {"id": ""}]},
            ["b", "a"],
        ),
        ([{"id": "a"}, {"id": "b"}], ["a", "b"]),
        ({"models": [{"name": "a"}, {"model": "b"}, {"key": "c"}]}, ["a", "b", "c"]),
        ({"data": [{"id": "a"}], "models": [{"name": "x"}]}, ["a"]),
        ({"data": [], "models": [{"name": "x"}]}, ["x"]),
        ({"models": {"a": {"context_length": 5}, "b": None}}, ["a", "b"]),
        ({"data": {"models": [{"id": "a"}]}}, ["a"]),
        ({"data": ["a", None, 3, {}]}, ["a"]),
        ({"data": [{"id": "a\x1b]52;c;x\x07"}, {"id": "\ud800"}, {"id": "x" * 501}]}, []),
        ({"data": [{"id": 7, "name": "seven"}]}, ["seven"]),
        ({"data": None}, []),
    ],
)
def test_every_shape_of_list_gives_its_ids(value: Any, ids: list[str]) -> None:
    assert [info.id for info in infos(value)] == ids


@pytest.mark.parametrize("value", ["x", None, 3, {}, {"object": "list"}, True])
def test_what_is_no_list_is_told_from_an_empty_one(value: Any) -> None:
    assert entries_of(value) is None


@pytest.mark.parametrize(
    ("entry", "window", "max_output"),
    [
        ({"context_length": 8192, "top_provider": {"max_completion_tokens": 4096}}, 8192, 4096),
        ({"context_window": 131072, "max_completion_tokens": 32768}, 131072, 32768),
        ({"max_context_length": 32768}, 32768, None),
        ({"max_model_len": 4096}, 4096, None),
        ({"meta": {"n_ctx_train": 40960}}, 40960, None),
        ({"meta": {"n_ctx": 4096, "n_ctx_train": 40960}}, 4096, None),
        ({"max_input_tokens": 200_000, "max_tokens": 64_000}, 200_000, 64_000),
        ({"limits": {"max_input_tokens": 1000, "max_output_tokens": 10}}, 1000, 10),
        ({"context_length": "131072"}, 131072, None),
        ({"context_length": 0, "context_window": 7}, 7, None),
        ({"context_length": -5}, None, None),
        ({"context_length": True}, None, None),
        ({"context_length": 1e400}, None, None),
        ({"context_length": "many", "meta": [], "limits": "none"}, None, None),
    ],
)
def test_windows_are_read_however_they_are_called(
    entry: dict[str, Any], window: int | None, max_output: int | None
) -> None:
    info = only(entry)
    assert (info.window, info.max_output) == (window, max_output)


@pytest.mark.parametrize(
    ("pricing", "prices"),
    [
        (
            {"prompt": "0.0000025", "completion": "0.00001", "input_cache_read": "0.00000125"},
            (2.5, 10.0, 1.25),
        ),
        ({"prompt": "0", "completion": "0"}, (0.0, 0.0, None)),
        ({"prompt": "-1", "completion": "-1"}, (None, None, None)),
        ({"input": 0.88, "output": 0.88, "cached_input": 0.2}, (0.88, 0.88, 0.2)),
        ({"input": {"usd": 0.15}, "output": {"usd": 0.6, "diem": 6}}, (0.15, 0.6, None)),
        ({"prompt": "free", "completion": None}, (None, None, None)),
        ({"prompt": float("inf"), "completion": True}, (None, None, None)),
        ("cheap", (None, None, None)),
    ],
)
def test_prices_are_dollars_for_a_million_tokens(
    pricing: object, prices: tuple[float | None, ...]
) -> None:
    info = only({"pricing": pricing})
    assert (info.input_price, info.output_price, info.cached_price) == prices


@pytest.mark.parametrize(
    ("entry", "abilities"),
    [
        (
            {
                "architecture": {"input_modalities": ["text", "image"]},
                "supported_parameters": ["tools", "structured_outputs", "reasoning", "seed"],
            },
            {"vision", "tools", "json", "reasoning"},
        ),
        ({"architecture": {"modality": "text+image->text"}}, {"vision"}),
        ({"architecture": {"modality": "text->text+image"}}, set()),
        ({"architecture": {"output_modalities": ["image"]}}, set()),
        ({"capabilities": {"function_calling": True, "vision": False}}, {"tools"}),
        ({"capabilities": ["completion", "tools", "thinking"]}, {"tools", "reasoning"}),
        ({"capabilities": {"image_input": {"supported": True}}}, {"vision"}),
        ({"capabilities": {"thinking": {"supported": False}}}, set()),
        ({"capabilities": {"supports": {"tool_calls": True}}}, {"tools"}),
        ({"model_spec": {"capabilities": {"supportsResponseSchema": True}}}, {"json"}),
        ({"supports_tools": True, "supports_image_input": True}, {"tools", "vision"}),
        ({"type": "vlm"}, {"vision"}),
        ({"capabilities": [None, 3, {"x": 1}], "tags": "all"}, set()),
    ],
)
def test_abilities_are_read_from_every_spelling(entry: dict[str, Any], abilities: set[str]) -> None:
    assert only(entry).abilities == abilities


@pytest.mark.parametrize(
    ("entry", "lacks"),
    [
        ({"architecture": {"input_modalities": ["text"]}}, {"vision"}),
        ({"supported_parameters": ["tools", "seed"]}, {"json", "reasoning"}),
        ({"supported_parameters": []}, set()),
        ({"tags": ["tools"]}, set()),
        ({"capabilities": {"function_calling": True, "vision": False}}, {"vision"}),
        ({"capabilities": {"thinking": {"supported": False}}}, {"reasoning"}),
        ({"capabilities": {"supports": {"tool_calls": False}}}, {"tools"}),
        ({"supports_tools": False, "supports_chat": True}, {"tools"}),
        # Who says that it can knows more than who does not name it.
        ({"supported_parameters": ["seed"], "reasoning": True}, {"tools", "json"}),
    ],
)
def test_what_a_model_lacks_is_told_from_what_nobody_says(
    entry: dict[str, Any], lacks: set[str]
) -> None:
    assert only(entry).lacks == lacks


GROQ = {
    "id": "llama-3.3-70b-versatile",
    "object": "model",
    "created": 1733447754,
    "owned_by": "Meta",
    "active": True,
    "context_window": 131072,
    "max_completion_tokens": 32768,
    "pricing": {"prompt": "0.00000059", "completion": "0.00000079"},
}
FIREWORKS = {
    "id": "accounts/fireworks/models/kimi-k2",
    "created": 1752192000,
    "supports_chat": True,
    "supports_image_input": False,
    "supports_tools": True,
    "context_length": 131072,
}
VENICE = {
    "id": "llama-3.3-70b",
    "created": 1733768349,
    "type": "text",
    "model_spec": {
        "availableContextTokens": 65536,
        "maxCompletionTokens": 16384,
        "capabilities": {"supportsFunctionCalling": True, "supportsVision": False},
        "pricing": {
            "input": {"usd": 0.7},
            "output": {"usd": 2.8},
            "cache_input": {"usd": 0.35},
        },
    },
}
ROUTED = {
    "id": "openai/gpt-oss-120b",
    "created": 1754325600,
    "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
    "providers": [
        {"provider": "a", "status": "live", "context_length": 131072, "supports_tools": True}
        | {"supports_structured_output": False, "pricing": {"input": 0.15, "output": 0.6}},
        {"provider": "b", "status": "live", "context_length": 32768, "supports_tools": False}
        | {"supports_structured_output": False, "pricing": {"input": 0.15, "output": 0.6}},
        {"provider": "c", "status": "error", "context_length": 4096, "supports_vision": True},
    ],
}
LMSTUDIO = {
    "type": "llm",
    "key": "qwen/qwen3-4b",
    "display_name": "Qwen3 4B",
    "capabilities": {"vision": False, "trained_for_tool_use": True},
    "max_context_length": 40960,
}
ANTHROPIC = {
    "type": "model",
    "id": "claude-sonnet-4-5",
    "display_name": "Claude Sonnet 4.5",
    "created_at": "2025-09-29T00:00:00Z",
    "max_input_tokens": 200000,
    "max_tokens": 64000,
}


@pytest.mark.parametrize(
    ("entry", "counts", "prices", "abilities", "lacks", "released"),
    [
        (GROQ, (131072, 32768), (0.59, 0.79, None), set(), set(), "2024-12-06"),
        (FIREWORKS, (131072, None), (None,) * 3, {"tools"}, {"vision"}, "2025-07-11"),
        (VENICE, (65536, 16384), (0.7, 2.8, 0.35), {"tools"}, {"vision"}, "2024-12-09"),
        (ROUTED, (32768, None), (0.15, 0.6, None), {"tools"}, {"vision", "json"}, "2025-08-04"),
        (LMSTUDIO, (40960, None), (None,) * 3, {"tools"}, {"vision"}, ""),
        (ANTHROPIC, (200000, 64000), (None,) * 3, set(), set(), "2025-09-29"),
        (
            {"id": "m", "metadata": {"context_length": 9, "pricing": {"input_tokens": 0.1}}},
            (9, None),
            (0.1, None, None),
            set(),
            set(),
            "",
        ),
    ],
)
def test_everything_that_providers_document_is_read(
    entry: dict[str, Any],
    counts: tuple[int | None, ...],
    prices: tuple[float | None, ...],
    abilities: set[str],
    lacks: set[str],
    released: str,
) -> None:
    (info,) = infos([entry])
    assert (info.window, info.max_output) == counts
    assert (info.input_price, info.output_price, info.cached_price) == prices
    assert info.abilities == abilities
    assert info.lacks == lacks
    assert info.released == released
    assert is_chat_model(info)


@pytest.mark.parametrize(
    ("entry", "released"),
    [
        ({"created": NOW - 90_000}, "2027-01-14"),
        ({"created": NOW}, ""),  # when the list was made
        ({"created": 1}, ""),
        ({"created": 1754325600000}, "2025-08-04"),
        ({"created": 10**400}, ""),
        ({"created": True}, ""),
        ({"created": "2025-08-04"}, "2025-08-04"),
        ({"created_at": "soon"}, ""),
        ({"release_date": "2025-01-01", "created": 1754325600}, "2025-01-01"),
        ({"released": 1747872000, "created": 1754325600}, "2025-05-22"),
    ],
)
def test_day_of_a_model_is_told_where_it_is_plausible(entry: dict[str, Any], released: str) -> None:
    assert only(entry).released == released
    assert only({"owned_by": "us", "object": "model", **entry}).released == released


def test_day_that_most_models_share_is_the_list_s() -> None:
    shared = [{"id": str(number), "created": 1754325600} for number in range(3)]
    other = {"id": "other", "created": 1733447754}
    assert [info.released for info in infos([*shared, other])] == ["", "", "", "2024-12-06"]
    assert [info.released for info in infos([*shared[:2], other])][:2] == ["2025-08-04"] * 2


async def test_gateway_tells_elsewhere_what_its_list_does_not() -> None:
    plain = [{"id": name, "object": "model", "owned_by": "openai"} for name in "abc"]
    details = {
        "max_input_tokens": 128000,
        "max_output_tokens": 16384,
        "input_cost_per_token": 2.5e-06,
        "output_cost_per_token": 1e-05,
        "cache_read_input_token_cost": 1.25e-06,
        "supports_vision": True,
        "supports_function_calling": False,
        "supports_reasoning": None,
        "mode": "chat",
    }
    told = [
        {"model_name": "a", "litellm_params": {"model": "x"}, "model_info": details},
        {"model_name": "b", "model_info": {"mode": "embedding"}},
    ]
    pages = {"/v1/models": answer({"data": plain}), "/v1/model/info": answer({"data": told})}

    def serve(request: Request) -> Reply:
        return pages.get(request.path, Reply(status=404))

    async with LoopbackServer(serve) as server, open_http(parse_base_url(server.base_url)) as http:
        profile = ProviderProfile("litellm", server.base_url)
        a, b, c = await read_models(http, profile, None, ImpatientClock())
        assert (a.window, a.max_output) == (128000, 16384)
        assert (a.input_price, a.output_price, a.cached_price) == (2.5, 10.0, 1.25)
        assert a.abilities == {"vision"}
        assert a.lacks == {"tools"}
        assert a.raw == {"owned_by": "openai", "type": "chat"}
        assert [is_chat_model(each) for each in (a, b, c)] == [True, False, True]
        del pages["/v1/model/info"]
        assert await read_models(http, profile, None, ImpatientClock()) == infos(plain)


@pytest.mark.parametrize(
    ("entry", "active"),
    [
        ({"active": True}, True),
        ({"active": False}, False),
        ({"archived": True}, False),
        ({"deprecation": None}, True),
        ({"deprecation": "2025-11-30T12:00:00Z"}, False),
        ({"deprecation": "2099-11-30"}, True),
        ({"deprecation": "soon"}, True),
    ],
)
def test_models_that_were_taken_away_are_told(entry: dict[str, Any], active: bool) -> None:
    assert only(entry).active is active


def test_name_for_people_and_everything_else_is_kept() -> None:
    info = only({"object": "model", "display_name": "Model M", "owned_by": "us", "created": 1})
    assert info.name == "Model M"
    assert info.raw == {"display_name": "Model M", "owned_by": "us", "created": 1}
    (plain,) = infos({"data": [{"id": "p", "object": "model", "owned_by": "us"}]})
    assert plain == ModelInfo("p", raw={"owned_by": "us"})


@pytest.mark.parametrize(
    "id_",
    [
        "text-embedding-3-small",
        "nomic-embed-text:latest",
        "BAAI/bge-m3",
        "whisper-large-v3",
        "gpt-4o-mini-tts",
        "tts-1-hd",
        "dall-e-3",
        "gpt-image-1",
        "omni-moderation-latest",
        "meta-llama/Llama-Guard-4-12B",
        "gpt-4o-transcribe",
        "gpt-realtime",
        "sora-2",
        "davinci-002",
        "gpt-3.5-turbo-instruct",
        "mistral-ocr-latest",
        "imagen-4.0-generate-001",
    ],
)
def test_models_that_do_not_chat_are_known(id_: str) -> None:
    assert not is_chat_model(ModelInfo(id_))


@pytest.mark.parametrize(
    "id_",
    [
        "gpt-4o-mini",
        "o3",
        "claude-sonnet-4-5",
        "llama-3.3-70b-instruct",
        "deepseek-chat",
        "models/gemini-2.5-flash",
        "qwen2.5-coder:7b",
        "mistral-small-latest",
        "openrouter/auto",
        "grok-3-mini",
        "sonar",
        "gemma3:4b",
    ],
)
def test_models_that_chat_are_not_passed_over(id_: str) -> None:
    assert is_chat_model(ModelInfo(id_))


def test_first_model_to_talk_to_is_chosen() -> None:
    def first(*entries: dict[str, Any]) -> str:
        return first_chat_model(infos(list(entries)))

    assert first({"id": "text-embedding-3"}, {"id": "whisper-1"}, {"id": "gpt-4o"}) == "gpt-4o"
    assert first({"id": "x", "type": "embedding"}, {"id": "y", "type": "chat"}) == "y"
    assert first({"id": "x", "capabilities": {"completion_chat": False}}, {"id": "y"}) == "y"
    assert first({"id": "old", "active": False}, {"id": "new"}) == "new"
    assert first({"id": "whisper-1"}) == "whisper-1"
    assert first({"id": "old", "active": False}) == "old"
    assert first() == ""


class WatchedClock(ImpatientClock):
    """Remembers which threads asked for the time: each list asks once."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[threading.Thread] = []

    def now(self) -> float:
        self.threads.append(threading.current_thread())
        return super().now()


@pytest.mark.parametrize(("count", "beside"), [(10, False), (10_000, True)])
async def test_long_lists_are_read_beside_the_loop(count: int, beside: bool) -> None:
    clock = WatchedClock()
    entries = [{"id": f"vendor/model-{n}", "object": "model"} for n in range(count)]
    async with LoopbackServer([answer({"data": entries})]) as server:
        assert await listed(server.base_url, clock=clock) == [entry["id"] for entry in entries]
    assert [thread is not threading.current_thread() for thread in clock.threads] == [beside]


async def test_models_are_listed_with_and_without_v1() -> None:
    def serve(request: Request) -> Reply:
        found = request.path == "/v1/models"
        return answer({"data": [{"id": "a"}]}) if found else Reply(status=404)

    async with LoopbackServer(serve) as server:
        assert await listed(server.base_url) == ["a"]
        assert await listed(server.base_url.removesuffix("/v1")) == ["a"]


async def test_key_goes_along_as_for_chat() -> None:
    async with LoopbackServer([answer([{"id": "a"}])]) as server:
        assert await listed(server.base_url, Key(KEY, "A_KEY")) == ["a"]
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    with pytest.raises(UsageError, match="plain http"):
        await listed("http://models.test/v1", Key(KEY, "A_KEY"))


@pytest.mark.parametrize("style", ["has_more", "links", "relative", "tokens", "googles"])
async def test_pages_are_followed_to_the_end(style: str) -> None:
    def serve(request: Request) -> Reply:
        asked = parse_qs(urlsplit(request.path).query)
        number = int(next((values[0] for values in asked.values()), "0"))
        page: dict[str, Any] = {"data": [{"id": str(number + step)} for step in (1, 2)]}
        following = number + 2
        if following < 6:
            more: dict[str, dict[str, Any]] = {
                "has_more": {"has_more": True, "last_id": str(following)},
                "links": {"links": {"next": f"{server.base_url}/models?page={following}"}},
                "relative": {"next": f"/v1/models?page={following}"},
                "tokens": {"next_page_token": str(following)},
                "googles": {"nextPageToken": str(following)},
            }
            page |= more[style]
        return answer(page)

    async with LoopbackServer(serve) as server:
        assert await listed(server.base_url) == ["1", "2", "3", "4", "5", "6"]
        assert len(server.requests) == 3


async def test_pages_without_a_last_id_go_on_after_the_last_model() -> None:
    pages = [{"data": [{"id": "a b"}], "has_more": True}, {"data": [{"id": "c"}]}]
    async with LoopbackServer([answer(page) for page in pages]) as server:
        assert await listed(server.base_url) == ["a b", "c"]
        assert parse_qs(urlsplit(server.requests[1].path).query)["after"] == ["a b"]


async def test_pages_at_another_origin_are_not_asked_for() -> None:
    async with LoopbackServer([answer([{"id": "stolen"}])]) as other:
        page = {"data": [{"id": "a"}], "links": {"next": f"{other.base_url}/models"}}
        async with LoopbackServer([answer(page)]) as server:
            assert await listed(server.base_url, Key(KEY, "A_KEY")) == ["a"]
        assert other.connections == 0


async def test_pages_that_bring_nothing_new_end_the_list() -> None:
    async with LoopbackServer([answer({"data": [{"id": "a"}], "has_more": True})]) as server:
        assert await listed(server.base_url) == ["a"]
        assert len(server.requests) == 2


async def test_endless_pages_come_to_an_end() -> None:
    def serve(request: Request) -> Reply:
        page = {"data": [{"id": str(len(server.requests))}], "has_more": True}
        return answer(page)

    async with LoopbackServer(serve) as server:
        assert len(await listed(server.base_url)) == MAX_PAGES


@pytest.mark.parametrize(
    ("link", "there"),
    [
        ("?page=2", "https://h.test/v1/models?page=2"),
        ("https://h.test:443/v1/models?page=2", "https://h.test/v1/models?page=2"),
        ("http://h.test/v1/models?page=2", ""),
        ("https://h.test:8443/v1/models", ""),
        ("https://user@h.test/v1/models", ""),
        ("//elsewhere.test/v1/models", ""),
        ("https://h.test\\@elsewhere.test/", ""),
        ("https://h.te\tst/v1/models", ""),
        ("\\\\elsewhere.test/", "https://h.test/v1/\\\\elsewhere.test/"),
        ("https:///elsewhere.test", "https://h.test/elsewhere.test"),
        pytest.param("?after=" + "x" * 100_000, "", id="a long one"),
        ("https://[/", ""),
    ],
)
def test_next_page_is_at_the_same_origin(link: str, there: str) -> None:
    for page in ({"links": {"next": link}}, {"_links": {"next": {"href": link}}}):
        assert next_page(page, "https://h.test/v1/models") == there


async def test_a_query_of_the_base_url_stays_on_every_page() -> None:
    pages = [{"data": [{"id": "a"}], "has_more": True}, {"data": [{"id": "b"}]}]
    async with LoopbackServer([answer(page) for page in pages]) as server:
        assert await listed(f"{server.base_url}?api-version=2") == ["a", "b"]
        assert all("api-version=2" in request.path for request in server.requests)


async def test_failures_that_pass_are_tried_again() -> None:
    clock = ImpatientClock()
    replies = [Reply(status=503), answer({"error": "slow"}, 429, retry_after="3"), answer(["a"])]
    async with LoopbackServer(replies) as server:
        assert await listed(server.base_url, clock=clock) == ["a"]
        assert len(server.requests) == 3
    assert clock.slept == [0.25, 3.0]


async def test_failures_that_stay_are_told() -> None:
    async with LoopbackServer([answer({"error": "slow down"}, 429)]) as server:
        with pytest.raises(RateLimitError, match="slow down"):
            await listed(server.base_url)
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), AuthError),
        (Reply(status=404), NotFoundError),
        (Reply([b"<html><title>Hello</title>"]), ProtocolError),
        (Reply([b"nonsense"]), ProtocolError),
        (answer({"hello": "world"}), ProtocolError),
        (Reply([b"[" * 100_000]), ProtocolError),
        (answer({"error": {"message": "no", "code": "invalid_api_key"}}), AuthError),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:9/"}), RedirectError),
    ],
)
async def test_a_server_without_a_list_is_named(reply: Reply, kind: type[Exception]) -> None:
    async with LoopbackServer([reply]) as server:
        with pytest.raises(kind):
            await listed(server.base_url)


async def test_a_path_that_is_not_there_is_no_unknown_model() -> None:
    async with LoopbackServer([Reply([b"Cannot GET /v1/models"], status=404)]) as server:
        with pytest.raises(NotFoundError, match="does not know the address"):
            await listed(server.base_url)
    async with LoopbackServer([answer({"error": "model not found"}, 404)]) as server:
        with pytest.raises(NotFoundError, match="does not know the address"):
            await listed(server.base_url)


async def test_lists_of_more_than_32_mb_are_refused() -> None:
    piece = b" " * (1024 * 1024)
    async with LoopbackServer([Reply([piece] * 40)]) as server:
        with pytest.raises(ProtocolError, match="32 MB"):
            await listed(server.base_url.removesuffix("/v1") + "/v2")


async def test_nobody_there_is_a_connect_error() -> None:
    async with LoopbackServer([]) as server:
        gone = server.base_url
    with pytest.raises(ConnectError):
        await listed(gone)
