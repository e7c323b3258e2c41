"""What reading costs: the events of a stream, and a list of 10,000 models.

Ratios of one run, against the JSON parser on the same bytes.
"""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from chat_tui.providers.fields import parse_json
from chat_tui.providers.listing.model_facts import entries_of, model_infos
from chat_tui.providers.reading.sse import SseDecoder
from tests.servers import delta, event

EVENTS = 20_000
MODELS = 10_000
ROUNDS = 5

PLAIN = {"object": "model", "owned_by": "us"}
RICH = {
    "name": "Vendor: Model",
    "description": "What it is good for. " * 10,
    "context_length": 131072,
    "architecture": {"modality": "text+image->text", "input_modalities": ["text", "image"]},
    "pricing": {"prompt": "0.0000025", "completion": "0.00001"},
    "top_provider": {"max_completion_tokens": 16384},
    "supported_parameters": ["tools", "temperature", "top_p", "seed", "response_format"],
}


def seconds(work: Callable[[], object]) -> float:
    """The least that some work took, in seconds of this process."""
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


@pytest.mark.benchmark
def test_decoding_an_event_costs_less_than_parsing_it() -> None:
    chunk = event(delta("word "))
    data = chunk.decode().removeprefix("data: ")
    decoder = SseDecoder()
    decoding = seconds(lambda: [decoder.feed(chunk) for _ in range(EVENTS)])
    parsing = seconds(lambda: [json.loads(data) for _ in range(EVENTS)])
    each = 1e6 / EVENTS
    print(f"decoding {decoding * each:.2f} µs an event, parsing {parsing * each:.2f} µs")
    assert decoding < parsing


@pytest.mark.benchmark
@pytest.mark.parametrize(("facts", "times"), [(PLAIN, 25), (RICH, 8)], ids=["plain", "rich"])
def test_ten_thousand_models_cost_a_few_times_their_json(
    facts: dict[str, Any], times: float
) -> None:
    content = json.dumps({"data": [{"id": f"vendor/model-{n}", **facts} for n in range(MODELS)]})
    reading = seconds(lambda: model_infos(entries_of(parse_json(content)) or [], 0.0))
    parsing = seconds(lambda: json.loads(content))
    print(f"reading {reading * 1e3:.0f} ms, parsing {parsing * 1e3:.0f} ms")
    assert reading < times * parsing
