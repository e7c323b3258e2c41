"""What the demo answers: a tour that depends on what is asked. Pure."""

import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from chat_tui.core.context.summaries import SUMMARY_REQUEST
from chat_tui.providers.demo.attached import describe, documents_in, pictures_in
from chat_tui.providers.demo.drawing import draw
from chat_tui.providers.demo.models import model_of
from chat_tui.providers.demo.schemas import example_of
from chat_tui.providers.demo.styles import in_words_of
from chat_tui.providers.fields import as_dict, as_list, as_text

MAX_WORDS = 200_000

_TEXTS = Path(__file__).with_name("texts")
_CHINESE = re.compile("[\u3400-\u9fff]")
_FIRST = re.compile(
    r"what (did|have) i (say|said|ask|asked|write|wrote|written)|my first (message|question)"
    r"|我(最开始|最初|第一)",
    re.IGNORECASE,
)
_SAID = re.compile(r'<message from="([^"]*)">\n(.*?)\n</message>', re.DOTALL)
"""What stands in a request for a summary (see `core.context.summaries`)."""
_SUMMED_UP = 12
"""Messages whose first words are told."""
_TOPICS = (
    ("poem", re.compile(r"诗")),
    ("markdown", re.compile(r"\bmarkdown\b|\bformatting\b", re.IGNORECASE)),
    ("table", re.compile(r"\btables?\b|表格", re.IGNORECASE)),
    ("code", re.compile(r"\bcode\b|\bpython\b|\bprogram\b|\bfunction\b|代码", re.IGNORECASE)),
    ("think", re.compile(r"\bthink\b|\breason(ing)?\b|\briddle\b|思考", re.IGNORECASE)),
    ("json", re.compile(r"\bjson\b", re.IGNORECASE)),
    ("picture", re.compile(r"\bpictures?\b|\bdraw\b|图片|画一", re.IGNORECASE)),
    ("greeting", re.compile(r"\b(hello|hi|hey|help|demo|who are you)\b", re.IGNORECASE)),
)
_WEATHER_TOOL = {
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
_LONG = (
    "the stream runs on through a quiet valley and every word of it arrives in its turn while"
    " the reader scrolls up looks around comes back and finds that nothing was lost"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the demo says, before it is put into the wire format."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[tuple[str, str], ...] = ()
    """Names and arguments."""
    fault: str = ""
    """A status ("429") or the name of a fault ("cut"), on request."""
    exact: bool = False
    """Whether it is the same word for word whoever gives it."""
    pictures: tuple[str, ...] = ()
    """As `data:` URLs; they come after the text."""


def answer(body: dict[str, Any]) -> Answer:
    """Find the answer to the body of a request."""
    found = _answer(body)
    if found.exact:
        return found
    return replace(found, text=in_words_of(as_text(body.get("model")), found.text))


def _answer(body: dict[str, Any]) -> Answer:
    messages = [as_dict(message) for message in as_list(body.get("messages"))]
    last = messages[-1] if messages else {}
    if last.get("role") == "tool":
        told = f"The tool answered:\n\n```\n{_text(last)}\n```\n\nThat is all I need."
        return Answer(told, exact=True)
    prompt = _text(last).strip()
    if prompt.startswith("/") and (found := _command(prompt, body)):
        return found
    if prompt.startswith(SUMMARY_REQUEST):
        return Answer(_sum_up(prompt), exact=True)
    images, (documents, words) = pictures_in(last), documents_in(prompt)
    if images:
        return Answer(describe(images, documents, words), exact=True)
    if as_dict(body.get("response_format")).get("type") in {"json_object", "json_schema"}:
        return Answer(_json(prompt, body), exact=True)
    if as_list(body.get("tools")) and body.get("tool_choice") != "none":
        return _call_tool(body)
    if documents:
        return Answer(describe((), documents, words), exact=True)
    found = _topic(prompt, messages, body)
    if model_of(body).reasons and not found.reasoning:
        return replace(found, reasoning=f"The user wrote: {prompt}\n\nI know what to say to that.")
    return found


def _command(prompt: str, body: dict[str, Any]) -> Answer | None:
    name, _, rest = prompt[1:].partition(" ")
    commands: dict[str, Callable[[], Answer]] = {
        "echo": lambda: Answer(rest, exact=True),
        "error": lambda: Answer(_read("fault"), fault=rest.strip() or "500"),
        "help": lambda: Answer(_read("greeting")),
        "json": lambda: Answer(_json(rest or prompt, body), exact=True),
        "long": lambda: Answer(_long(rest)),
        "picture": lambda: Answer(_read("picture"), pictures=(_drawn(rest),)),
        "think": lambda: Answer(_read("think"), _read("reasoning")),
        "tools": lambda: _call_tool(body),
    }
    if name in {"markdown", "code", "table", "poem"}:
        return Answer(_read(name))
    return commands[name]() if name in commands else None


def _topic(prompt: str, messages: list[dict[str, Any]], body: dict[str, Any]) -> Answer:
    if _FIRST.search(prompt):
        return Answer(_remember(messages))
    for name, pattern in _TOPICS:
        if pattern.search(prompt):
            if name == "picture":
                return Answer(_read(name), pictures=(_drawn(prompt),))
            return _command(f"/{name}", body) or Answer(_read("greeting"))
    by_model = {"demo-markdown": "markdown", "demo-tools": "tools"}.get(str(body.get("model")), "")
    if by_model and (found := _command(f"/{by_model}", body)):
        return found
    if _CHINESE.search(prompt):
        return Answer(_read("chinese"))
    if not prompt:
        return Answer(_read("greeting"))
    quoted = prompt.replace("\n", "\n> ")
    return Answer(_read("other").format(prompt=quoted, count=len(messages)))


def _remember(messages: list[dict[str, Any]]) -> str:
    said = [_text(message).strip() for message in messages if message.get("role") == "user"]
    quoted = said[0].replace("\n", "\n> ")
    if len(said) == 1:
        return f"This is your first message:\n\n> {quoted}"
    return (
        f"The first thing you said was:\n\n> {quoted}\n\nThis is message {len(said)} of yours that"
        " I was sent: a model knows nothing but what comes with each request."
    )


def _sum_up(prompt: str) -> str:
    """A summary as a model would give one, made of first words."""
    said = _SAID.findall(prompt)
    lines = [f"The demo sums up {len(said)} messages by their first words:", ""]
    for speaker, words in said[-_SUMMED_UP:]:
        first = " ".join(words.split()[:12])
        lines.append(f"- {speaker}: {first}" + (" …" if len(words.split()) > 12 else ""))
    return "\n".join(lines)


def _long(rest: str) -> str:
    """As many words as asked for, in sentences and paragraphs."""
    digits = rest.strip().partition(" ")[0]
    count = min(int(digits), MAX_WORDS) if digits.isdecimal() and len(digits) < 9 else 300
    source = _LONG.split()
    words = [source[at % len(source)] for at in range(count)]
    for at in range(0, count, 15):
        words[at] = words[at].capitalize()
        end = min(at + 14, count - 1)
        words[end] += ".\n\n" if at % 60 == 45 else "."
    return " ".join(words).replace("\n\n ", "\n\n").strip()


def _call_tool(body: dict[str, Any]) -> Answer:
    functions = [as_dict(as_dict(tool).get("function")) for tool in as_list(body.get("tools"))]
    choice = as_dict(as_dict(body.get("tool_choice")).get("function")).get("name")
    function = next((f for f in functions if f.get("name") == choice), None) or next(
        iter(functions), _WEATHER_TOOL
    )
    arguments = example_of(as_dict(function.get("parameters")))
    return Answer(
        tool_calls=((as_text(function.get("name")), json.dumps(arguments, ensure_ascii=False)),)
    )


def _drawn(words: str) -> str:
    return f"data:image/png;base64,{b64encode(draw(words)).decode()}"


def _json(prompt: str, body: dict[str, Any]) -> str:
    form = as_dict(body.get("response_format"))
    schema = as_dict(as_dict(form.get("json_schema")).get("schema"))
    value = example_of(schema) if schema else {"prompt": prompt, "answer": 42, "demo": True}
    return json.dumps(value, ensure_ascii=False, indent=2)


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n\n".join(filter(None, (as_text(as_dict(part).get("text")) for part in content)))
    return as_text(content)


@cache
def _read(name: str) -> str:
    return (_TEXTS / f"{name}.md").read_text("utf-8").strip()
