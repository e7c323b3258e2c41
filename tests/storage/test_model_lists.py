"""Lists of models on disk: of one provider at one origin, tolerant of what is there."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.models import ModelInfo
from chat_tui.storage.model_lists import ModelListCache
from tests.examples import examples

ORIGIN = "https://a.example"
MODELS = [
    ModelInfo("m"),
    ModelInfo(
        "n/1:free",
        "N one",
        128_000,
        4096,
        2.5,
        10.0,
        0.0,
        frozenset({"vision", "tools"}),
        False,
        {"owned_by": "x", "nested": {"a": [1, None]}},
        frozenset({"json"}),
        "2025-01-02",
    ),
]


def test_a_list_is_kept_with_its_time(tmp_path: Path) -> None:
    cache = ModelListCache(tmp_path / "cache" / "models")
    assert cache.read("a", ORIGIN) is None

    cache.write("a", ORIGIN, MODELS, 1234.5)

    assert cache.read("a", ORIGIN) == (MODELS, 1234.5)
    assert ModelListCache(tmp_path / "cache" / "models").read("a", ORIGIN) == (MODELS, 1234.5)


def test_a_provider_that_moved_has_no_list(tmp_path: Path) -> None:
    cache = ModelListCache(tmp_path)
    cache.write("a", ORIGIN, MODELS, 1.0)

    assert cache.read("a", "https://b.example") is None
    cache.forget("a")
    cache.forget("a")
    assert cache.read("a", ORIGIN) is None


@pytest.mark.parametrize("name", ["../a", "127.0.0.1:9", "a" * 300, "é", "", "A", "\ud800"])
def test_every_name_has_a_file_of_its_own_in_the_folder(tmp_path: Path, name: str) -> None:
    cache = ModelListCache(tmp_path / "models")
    cache.write("a", ORIGIN, MODELS[:1], 1.0)
    cache.write(name, ORIGIN, MODELS, 2.0)

    assert cache.read("a", ORIGIN) == (MODELS[:1], 1.0)
    assert cache.read(name, ORIGIN) == (MODELS, 2.0)
    assert len(list((tmp_path / "models").iterdir())) == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "models"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"version": 2, "provider": "a", "origin": "https://a.example", "when": 1, "models": []}',
        b'{"version": 1, "provider": "b", "origin": "https://a.example", "when": 1, "models": []}',
        b'{"version": 1, "provider": "a", "origin": "https://a.example", "models": []}',
    ],
)
def test_what_cannot_be_read_is_not_there(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)

    assert ModelListCache(tmp_path).read("a", ORIGIN) is None


def test_entries_of_other_shapes_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '{"version": 1, "provider": "a", "origin": "https://a.example", "when": 1, "models": ['
        '5, {"name": "x"}, {"id": "m", "name": 5, "window": "1", "input_price": true,'
        ' "abilities": [1, "tools"], "active": 0, "raw": []}]}'
    )
    found = ModelListCache(tmp_path).read("a", ORIGIN)

    assert found == ([ModelInfo("m", abilities=frozenset({"tools"}))], 1.0)


def test_a_list_that_is_too_large_or_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    cache = ModelListCache(tmp_path / "models")
    cache.write("a", ORIGIN, [ModelInfo("m", raw={"x": "y" * 34_000_000})], 1.0)
    cache.write("a", ORIGIN, [ModelInfo("m", raw={"x": object()})], 1.0)
    assert not (tmp_path / "models").exists()

    (tmp_path / "models").write_text("a file where the folder belongs")
    cache.write("a", ORIGIN, MODELS, 1.0)
    cache.forget("a")
    assert cache.read("a", ORIGIN) is None


NUMBERS = st.none() | st.integers(0, 2**40)
PRICES = st.none() | st.floats(0, 1e6)


@settings(derandomize=True, deadline=None, max_examples=examples(100))
@given(
    st.lists(
        st.builds(
            ModelInfo,
            st.text(),
            st.text(),
            NUMBERS,
            NUMBERS,
            PRICES,
            PRICES,
            PRICES,
            st.frozensets(st.sampled_from(["vision", "tools", "json", "reasoning"])),
            st.booleans(),
            st.dictionaries(st.text(), st.none() | st.text() | st.integers(), max_size=3),
        ),
        max_size=3,
    )
)
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, models: list[ModelInfo]
) -> None:
    cache = ModelListCache(tmp_path_factory.mktemp("models"))
    cache.write("a", ORIGIN, models, 1.0)

    assert cache.read("a", ORIGIN) == (models, 1.0)


def test_ten_thousand_models_are_quick(tmp_path: Path) -> None:
    cache = ModelListCache(tmp_path)
    models = [ModelInfo(f"provider/model-{number}", window=number) for number in range(10_000)]
    start = time.perf_counter()

    cache.write("a", ORIGIN, models, 1.0)
    found = cache.read("a", ORIGIN)

    assert found == (models, 1.0)
    assert time.perf_counter() - start < 2.0
