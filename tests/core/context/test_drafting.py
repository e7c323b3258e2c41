"""What drafts with pictures and documents weigh, and what is learnt of pictures."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.context.calibration import Calibration
from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.memory import ForgetfulMemory, Learnt
from chat_tui.core.messages import FilePart, ImageDetail, ImagePart, TextPart, Usage, part_text
from chat_tui.core.targets import Prices, Target
from chat_tui.tokens.counter import TiktokenCounter
from tests.core.context.talk import Talk
from tests.core.side_by_side.table import Table
from tests.fakes import TARGET, TableFacts, WordCounter

CAT = ImagePart("c" * 64, media_type="image/png", name="cat.png", width=1024, height=1024)
DOG = replace(CAT, sha256="d" * 64)
NOTES = FilePart("e" * 64, "notes.txt", text="one two three")


class TextCounter(WordCounter):
    """Tells which texts were counted alone."""

    def __init__(self) -> None:
        super().__init__(ready=True)
        self.texts: list[str] = []

    async def count_text(self, text: str, model: str) -> int:
        """See `TokenCounter.count_text`."""
        self.texts.append(text)
        return await super().count_text(text, model)


def planner(counter: WordCounter, calibration: Calibration = Calibration()) -> ContextPlanner:
    memory = ForgetfulMemory()
    memory.learn(TARGET.provider, TARGET.model, Learnt(calibration=calibration))
    return ContextPlanner(counter, TableFacts(prices={str(TARGET): Prices(2.0)}), memory)


async def test_what_is_attached_is_weighed_with_the_words() -> None:
    plans = planner(WordCounter(ready=True))

    assert await plans.draft_tokens("", TARGET) == await plans.draft_tokens(Prompt(), TARGET) == 0
    words = await plans.draft_tokens("a b", TARGET)
    assert words == await plans.draft_tokens(Prompt("a b"), TARGET) == 5
    assert await plans.draft_tokens(Prompt("a b", (CAT, DOG)), TARGET) == words + 200
    document = len(part_text(NOTES).split())
    assert await plans.draft_tokens(Prompt("a b", (NOTES,)), TARGET) == words + document
    assert await plans.draft_tokens(Prompt("", (CAT,)), TARGET) == 103


async def test_a_document_is_counted_once_however_often_the_words_change() -> None:
    counter = TextCounter()
    plans = planner(counter)
    for words in ("a", "a b", "a b c"):
        await plans.draft_tokens(Prompt(words, (NOTES,)), TARGET)
    await plans.draft_tokens(Prompt("a", (replace(NOTES, text="other"),)), TARGET)

    assert len(counter.texts) == 2


async def test_what_was_estimated_is_counted_when_that_is_possible() -> None:
    counter = TextCounter()
    counter.ready = False
    plans, prompt = planner(counter), Prompt("a", (NOTES,))
    estimate = await plans.draft_tokens(prompt, TARGET)
    counter.ready = True

    assert await plans.draft_tokens(prompt, TARGET) == 4 + len(part_text(NOTES).split()) != estimate
    await plans.aclose()


def test_a_picture_costs_what_its_tokens_cost_by_the_rule_that_is_named() -> None:
    plans = planner(WordCounter(ready=True, own=(TARGET.model,)))
    other = Target("fake", "model-2")

    assert plans.picture_cost(CAT, TARGET) == (100, 0.0002, "a hundred each")
    assert plans.picture_cost(CAT, other) == (100, None, "")
    learnt = planner(WordCounter(ready=True), Calibration(1.5, samples=3, pictures=2.0))
    assert learnt.picture_cost(CAT, TARGET).tokens == 300


@pytest.mark.parametrize(("detail", "tokens"), [("low", 85), ("high", 765), ("auto", 765)])
def test_the_detail_counts_where_the_rule_has_it(detail: ImageDetail, tokens: int) -> None:
    plans = ContextPlanner(TiktokenCounter(), TableFacts(), ForgetfulMemory())
    told = plans.picture_cost(replace(CAT, detail=detail), Target("openai", "gpt-4o"))
    guess = plans.picture_cost(CAT, Target("mine", "llava"))

    assert (told.tokens, told.rule) == (tokens, "tiles 85 + 170")
    assert (guess.tokens, guess.rule) == (1200, "")


async def seen(talk: Talk, pictures: Sequence[ImagePart], each: int, *, extra: int = 0) -> int:
    """A turn with pictures that weigh so much for the server; gives what was expected."""
    parts = (TextPart("w " * 20), *pictures)
    prompt = await talk.add("user", 20, parts=parts)
    planned = await talk.planner.plan(talk.chat, TARGET, talk.path)
    real = planned.counted - planned.outgoing.pictures + extra
    shown = sum(isinstance(p, ImagePart) for m in planned.messages for p in m.parts)
    talk.planner.learn(TARGET, planned, Usage(real + each * shown))
    await talk.planner.settle(talk.chat, [prompt.id])
    await talk.add("assistant", 10)
    return planned.expected


def pictures_of(talk: Talk) -> float:
    return talk.memory.learnt(TARGET.provider, TARGET.model).calibration.pictures


async def test_what_pictures_weigh_is_learnt_and_holds_for_the_next_ones() -> None:
    talk = Talk(100_000)
    await seen(talk, [CAT], 300)
    assert pictures_of(talk) == pytest.approx(2.0)  # half of it may be what the server adds

    await seen(talk, [DOG], 300)
    await seen(talk, [replace(CAT, sha256="f" * 64)], 300)
    assert pictures_of(talk) == pytest.approx(3.0, rel=0.15)
    cost = talk.planner.picture_cost(CAT, TARGET).tokens
    assert cost == pytest.approx(300, rel=0.15)
    assert await talk.planner.draft_tokens(Prompt("a", (CAT,)), TARGET) == 4 + cost
    assert talk.memory.learnt(TARGET.provider, TARGET.model).calibration.ratio == 1.0

    # The outlook and the plan weigh the next one alike.
    before = await talk.planner.outlook(talk.chat)
    await talk.add("user", 1, parts=(CAT,))
    planned = await talk.planner.plan(talk.chat, TARGET, talk.path)
    assert planned.expected - before.used == pytest.approx(3 + cost, abs=1)


async def test_words_beside_a_picture_teach_nothing_of_it_where_they_are_much() -> None:
    talk = Talk(100_000)
    await talk.past(4, 400)
    await seen(talk, [CAT], 300)

    assert pictures_of(talk) == 1.0


async def test_nonsense_teaches_nothing_of_pictures() -> None:
    for each in (0, 100_000):
        talk = Talk(1_000_000)
        await seen(talk, [CAT], each)
        assert pictures_of(talk) == 1.0


async def test_each_model_side_by_side_weighs_pictures_by_its_own_rule() -> None:
    table = Table(2, windows={"p0/m0": 10_000, "p1/m1": 10_000})
    await table.sit("one")
    learnt = Learnt(calibration=Calibration(pictures=3.0, pictured=1))
    table.memory.learn("p1", "m1", learnt)
    planner, prompt = table.manager.context, Prompt("a b", (CAT,))
    draft = await planner.draft_tokens(prompt, table.chat.target)

    ahead = await table.sides.foresee_round(table.chat, draft, [CAT])
    assert [each.draft for each in ahead.outlooks.values()] == [105, 305]
    words = await table.sides.foresee_round(table.chat, 5)
    assert [each.draft for each in words.outlooks.values()] == [5, 5]
