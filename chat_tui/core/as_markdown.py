"""Messages as markdown, to be copied, read in a pager, or edited elsewhere."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, assert_never

from chat_tui.core.extras import sources_of
from chat_tui.core.messages import (
    ChatMessage,
    FilePart,
    ImagePart,
    TextPart,
    ToolCall,
    in_fence,
)
from chat_tui.core.safety import Cleaner, clean_line
from chat_tui.core.texts import text

_OPENS = re.compile(
    r"^ {0,3}(?:(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*$"
    r"|<(?:(?P<tag>script|pre|style|textarea)(?=[\s>]|\Z)|(?P<mark>!--|\?|!\[CDATA\[|![a-z])))",
    re.MULTILINE | re.IGNORECASE,
)
"""Where a block begins that only its own end closes, blank lines or not."""
_MARK_ENDS = {"!--": "-->", "?": "?>", "![cdata[": "]]>"}
_NAMED_STATUS = frozenset({"length", "filtered", "stopped", "interrupted"})
"""How a reply can have ended that is worth a word to who reads it elsewhere."""


class Written(NamedTuple):
    """A clean text, and what cleaning it dropped."""

    text: str
    hidden: int
    """Hidden characters that were dropped."""


def cleaned(words: str) -> Written:
    """A text without hidden and control characters, and how many hidden ones it had."""
    cleaner = Cleaner()
    clean = cleaner.feed(words) + cleaner.close()
    return Written(clean, cleaner.removed)


def as_markdown(
    messages: Iterable[ChatMessage],
    *,
    title: str = "",
    system_prompt: str = "",
    reasoning: bool = False,
) -> Written:
    """Write messages one below the other, each under a heading with who speaks.

    Texts stay as they were written, but for hidden and control characters; a block that a reply
    left open is closed, so that it does not swallow what follows.

    Args:
        messages: in their order.
        title: of the conversation; empty for none.
        system_prompt: what the model was told before; empty for nothing.
        reasoning: put what the model thought into a block that folds, else leave it out.
    """
    blocks: list[str] = []
    if title:
        blocks.append(f"# {clean_line(title)}")
    if system_prompt.strip():
        blocks += [f"## {text('markdown.system')}", close_block(system_prompt.strip("\n"))]
    for message in messages:
        blocks += [f"## {_speaker(message)}", *body_blocks(message, reasoning=reasoning)]
    written = cleaned("\n\n".join(blocks))
    return Written(f"{written.text}\n", written.hidden)


def close_block(words: str) -> str:
    """A text with its last block closed, where it was cut off within one, or left it open.

    That is one of code, or of HTML that swallows all that follows, as a comment does.
    """
    at = 0
    while (found := _OPENS.search(words, at)) is not None:
        end, pattern = _end_of(found)
        # What begins a comment may be a part of what ends it.
        start = found.start("mark") if found["mark"] else found.end()
        closed = pattern.search(words, start)
        if closed is None:
            return "\n".join((words.rstrip("\n"), end))
        at = closed.end()
    return words


def _end_of(opened: re.Match[str]) -> tuple[str, re.Pattern[str]]:
    """What closes a block, and how that is found."""
    fence, tag, mark = opened["fence"], opened["tag"], opened["mark"]
    if fence:
        line = rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[^\S\n]*$"
        return fence, re.compile(line, re.MULTILINE)
    if tag:
        return f"</{tag}>", re.compile("</(?:script|pre|style|textarea)>", re.IGNORECASE)
    end = _MARK_ENDS.get(mark.lower(), ">")
    return end, re.compile(re.escape(end))


def body_blocks(message: ChatMessage, *, reasoning: bool = False) -> Iterator[str]:
    """What stands for a message below its heading, block by block; not cleaned yet.

    Args:
        message: any.
        reasoning: put what the model thought into a block that folds, else leave it out.
    """
    if reasoning and message.reasoning.strip():
        yield f"<details>\n<summary>{text('transcript.reasoning')}</summary>"
        yield close_block(message.reasoning.strip("\n")).replace("</details", "&lt;/details")
        yield "</details>"
    for part in message.parts:
        match part:
            case TextPart(words):
                if words.strip():
                    yield close_block(words.strip("\n"))
            case ImagePart() | FilePart():
                yield _attachment(part)
    if message.refusal.strip():
        yield message.refusal.strip("\n")
    yield from map(_call, message.tool_calls)
    if message.status in _NAMED_STATUS:
        yield f"*{text(f'transcript.status.{message.status}')}*"
    if message.error is not None:
        yield f"> {clean_line(message.error.told)}"
    if sources := sources_of(message):
        lines = [
            f"{number}. {_link(source.title, source.url)}"
            for number, source in enumerate(sources, 1)
        ]
        yield "\n".join((f"{text('transcript.sources')}:", "", *lines))


def _speaker(message: ChatMessage) -> str:
    match message.role:
        case "user":
            return text("transcript.you")
        case "assistant":
            return _made_by(text("transcript.assistant"), message.model)
        case "system" if message.covers is not None:
            return _made_by(text("markdown.summary"), message.model)
        case "system":
            return text("markdown.system")
        case "tool":
            return text("markdown.tool")
        case _:
            assert_never(message.role)


def _made_by(name: str, model: str) -> str:
    model = clean_line(model, code=True)
    return f"{name} · {model}" if model else name


def _attachment(part: ImagePart | FilePart) -> str:
    if isinstance(part, ImagePart) and part.url:
        return f"!{_link(part.name or text('markdown.image'), part.url)}"
    kind = text("markdown.image" if isinstance(part, ImagePart) else "markdown.file")
    return f"*{kind}: {clean_line(part.name, code=True) or part.sha256[:12]}*"


def _call(call: ToolCall) -> str:
    name = clean_line(call.name, code=True)
    told = text("markdown.call", name=name)
    return f"{told}\n\n{in_fence(call.arguments, 'json')}" if call.arguments.strip() else told


def _link(title: str, url: str) -> str:
    """A link whose words cannot end it."""
    url = clean_line(url, code=True).replace("<", "%3C").replace(">", "%3E")
    title = clean_line(title).replace("[", "(").replace("]", ")").replace("\\", "\\\\")
    return f"[{title}](<{url}>)" if title else f"<{url}>"
