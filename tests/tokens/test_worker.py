"""The lines that the process of the vocabularies reads and writes."""

import json
from io import BytesIO

from chat_tui.tokens import get_encoding
from chat_tui.tokens.worker import serve


def answers(*requests: tuple[str, list[str]]) -> list[list[int]]:
    lines = [json.dumps({"encoding": name, "texts": texts}) for name, texts in requests]
    told = BytesIO()
    serve(BytesIO("\n".join(lines).encode()), told)
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_each_request_has_its_line() -> None:
    encode = get_encoding("cl100k_base").encode_ordinary
    texts = ["one\ntwo", "", "<|endoftext|>"]

    assert answers(("cl100k_base", texts), ("o200k_base", []), ("o200k_base", ["hello world"])) == [
        [len(encode(text)) for text in texts],
        [],
        [2],
    ]


def test_lone_surrogates_and_nulls_are_counted() -> None:
    ((lone, null, pair),) = answers(("o200k_base", ["a\ud800b", "a\x00b", "\ud83d\ude00"]))

    assert (lone > 1, null, pair > 0) == (True, 3, True)
