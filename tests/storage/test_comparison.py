"""Comparisons as Markdown, HTML and JSON: whole, and safe with what was said in them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.core.errors import ErrorInfo
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, text_parts
from chat_tui.core.side_by_side.comparison import FORMATS, Comparison, ComparisonFormat, comparison
from chat_tui.core.side_by_side.votes import Verdict, Vote
from chat_tui.storage import Store
from chat_tui.storage.exporters.comparison import document_of, export_comparison
from chat_tui.storage.exporters.comparison_json import FORMAT, FORMAT_VERSION
from tests.core.side_by_side.comparing import SIDES, SIDES_MESSAGES, tree_of
from tests.examples import examples

HOSTILE = (
    "</pre></article><script>alert(1)</script> <img src=x onerror=alert(1)> "
    "[a](javascript:alert(1)) [b](data:text/html,x) ![c](https://example.org/c.png) "
    '![d](data:image/png;base64,AAAA) <https://example.org/e> [f](https://example.org/"onx=1) '
    "\x1b]52;c;AAAA\x07 \u202egnp.exe\n\n```\nan open block"
)


def compared(
    *,
    texts: Mapping[str, str] | None = None,
    changes: Mapping[str, ChatMessage] | None = None,
    title: str = SIDES.title,
    votes: tuple[Vote, ...] = (),
) -> Comparison:
    """The comparison of the sample, with other texts."""
    by_id = {message.id: message for message in SIDES_MESSAGES} | dict(changes or {})
    for id_, words in (texts or {}).items():
        by_id[id_] = replace(by_id[id_], parts=text_parts(words))
    return comparison(replace(SIDES, title=title), tree_of(SIDES), by_id, votes)


def vote(verdict: Verdict = "win") -> Vote:
    winner = "two/m-2" if verdict == "win" else ""
    return Vote("t1", "c-1", 5.0, ("two/m-2", "one/m-1"), verdict, winner, ("physics",))


class Page(HTMLParser):
    """What is in a page: its tags, attributes, and texts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def check_safe(source: str) -> Page:
    """Check that a page loads nothing, runs nothing, and is well formed."""
    page = Page(source)
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "form", "base", "svg"}
    for _, attributes in page.tags:
        assert not {"src", "style", "srcdoc", "background"} & {*attributes}
        assert not any(name.startswith("on") for name in attributes)
        if "href" in attributes:
            assert attributes["href"].startswith(("https://", "http://", "mailto:"))
            assert "noreferrer" in attributes["rel"]
    style = source[source.index("<style>") : source.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "\x1b" not in source
    assert "\u202e" not in source
    return page


def test_markdown_has_each_prompt_its_answers_and_their_figures() -> None:
    document = document_of(compared(votes=(vote(),)), "md")

    headings = [line for line in document.splitlines() if line.startswith("#")]
    assert headings == [
        "# Blue sky: why?",
        "## System prompt",
        "## Prompt 1",
        "### m-2 · voted best",
        "### m-1 · gone on with",
        "### Figures",
        "## Prompt 2",
        "### m-2",
        "### m-1",
        "### m-1 · merged · gone on with",
        "### Figures",
    ]
    assert "Because of **Rayleigh** scattering." in document
    assert "*Parameters: temperature = 0.2*" in document
    assert "| m-2   | two      | done  |" in document
    assert "**1.25 s**" in document
    assert "Voted: m-2 is the best." in document
    assert "- Earlier answers told: the one that was gone on with" in document


def test_markdown_closes_what_an_answer_left_open_and_names_what_went_wrong() -> None:
    failed = replace(
        SIDES_MESSAGES[2],
        status="error",
        parts=(),
        error=ErrorInfo("server", "The server failed.", "Try again later.", 500),
    )
    document = document_of(compared(texts={"a1": HOSTILE}, changes={"b1": failed}), "md")

    assert "an open block\n```" in document
    assert "> The server failed. Try again later." in document
    assert "| failed |" in document
    assert "\x1b" not in document
    assert "\u202e" not in document


def test_page_has_the_answers_beside_each_other_and_is_whole() -> None:
    prompt = replace(
        SIDES_MESSAGES[0],
        parts=(*SIDES_MESSAGES[0].parts, ImagePart(sha256="ab", name="sky.png")),
    )
    thought = replace(SIDES_MESSAGES[1], reasoning="I think <of> light.")

    page = check_safe(
        document_of(compared(changes={"p1": prompt, "a1": thought}, votes=(vote(),)), "html")
    )

    assert page.count("article") == 5
    assert page.count("table") == 2
    assert page.count("details") == 1
    texts = "".join(page.texts)
    for words in (
        "Why is the sky blue?",
        "Rayleigh",
        "I think <of> light.",
        "Image: sky.png",
        "Voted: m-2 is the best.",
        "gone on with",
        "Be brief.",
    ):
        assert words in texts
    policy = next(each["content"] for _, each in page.tags if "http-equiv" in each)
    assert policy.startswith("default-src 'none'")


def test_page_is_safe_whatever_was_said() -> None:
    answer = replace(
        SIDES_MESSAGES[1],
        parts=text_parts(HOSTILE),
        reasoning=HOSTILE,
        model=HOSTILE,
        provider=HOSTILE,
        finish_reason=HOSTILE,
        refusal=HOSTILE,
        error=ErrorInfo("server", HOSTILE, HOSTILE),
        annotations=({"type": "url_citation", "url": "javascript:1", "title": HOSTILE},),
    )
    prompt = replace(
        SIDES_MESSAGES[0], parts=(*text_parts(HOSTILE), FilePart("ab", HOSTILE, text=HOSTILE))
    )
    hostile = replace(
        compared(changes={"a1": answer, "p1": prompt}, title=HOSTILE), system_prompt=HOSTILE
    )

    page = check_safe(document_of(hostile, "html"))

    assert page.count("article") == 5
    assert "<script>alert(1)</script>" in "".join(page.texts)


@settings(max_examples=examples(200))
@given(st.text(alphabet="<>&\"'`[](){}!*_|#-=/:\\ \nahref", max_size=80))
def test_page_is_safe_with_any_markup(words: str) -> None:
    made = compared(texts={"a1": words, "p1": words}, title=words)

    assert check_safe(document_of(made, "html")).count("article") == 5


def test_long_answer_is_shown_as_it_was_written() -> None:
    words = "[" * 400_000

    page = check_safe(document_of(compared(texts={"a1": words}), "html"))

    assert words in page.texts


def test_json_holds_all_of_it_as_documented() -> None:
    document = document_of(compared(texts={"a1": HOSTILE}, votes=(vote(),)), "json")

    value = json.loads(document)
    assert (value["format"], value["version"]) == (FORMAT, FORMAT_VERSION)
    assert (value["id"], value["title"], value["sharing"]) == ("c-1", "Blue sky: why?", "one")
    first = value["turns"][0]
    assert first["prompt"]["parts"] == [{"type": "text", "text": "Why is the sky blue?"}]
    answer = first["answers"][1]
    assert (answer["name"], answer["chosen"], answer["merged"]) == ("m-1", True, False)
    assert answer["target"]["parameters"] == {"temperature": 0.2}
    assert answer["message"]["parts"][0]["text"] == HOSTILE
    assert answer["figures"]["total_s"] == 2.25
    assert first["best"] == {"fastest": 0, "first": None, "cheapest": 1}
    assert first["vote"]["winner"] == "two/m-2"
    assert value["turns"][1]["vote"] is None
    assert "\x07" not in document
    assert "\u202e" not in document


@pytest.mark.parametrize(
    ("verdict", "told"), [("tie", "equally good"), ("bad", "none is of use"), ("win", "m-2 is the")]
)
@pytest.mark.parametrize("format_", ["md", "html"])
def test_vote_is_told(verdict: Verdict, told: str, format_: ComparisonFormat) -> None:
    document = document_of(compared(votes=(vote(verdict),)), format_)

    assert told in document
    assert ("voted best" in document) == (verdict == "win")


async def test_comparison_is_exported_from_a_store_under_a_name_of_its_own() -> None:
    async with Store(None) as store:
        await store.add_messages(SIDES, SIDES_MESSAGES)
        for format_ in FORMATS:
            exported = await export_comparison(store, SIDES, format_)
            assert exported.name == f"Blue-sky-why.{format_}"
            assert "It scatters light." in exported.text
