"""Texts to render, ways to split them, and ways to look at the result."""

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style

from chat_tui.ui.markdown import Line, MarkdownDocument, MarkdownStyles, render

ANSWER = """\
# Streaming markdown

A paragraph with **bold**, *italic*, ~~struck~~, `inline code`, a [link](https://example.com/docs)
and a bare address https://example.com/a_b(c)?x=1. See [the reference][ref] and [unknown].

- First item with enough text to be wrapped over more than one line on most terminals
  - nested item
    - third level
- [x] done task
- [ ] open task

1. Install it:
   ```bash
   pip install chat-tui   # comment
   ```
2. Run it

   > quoted in the item
   > > and nested

10. Ten

```python
def norm(self) -> float:
    '''A docstring
    over two lines.'''
\treturn self.x ** 2  # with a tab before
```

| Model | Context | Notes |
|:------|:-------:|------:|
| gpt-4o | 128k | A good all-rounder with vision<br>and tools, for very many things |
| 通义千问 | 1M | 长上下文，适合文档分析与总结，价格便宜 |

**你好：**世界。他说**“你好”**。中文段落会在字之间换行，标点符号（例如逗号、句号）不会出现在行首。

$$
\\int_0^\\infty e^{-x^2} dx
  + 1
$$

Setext
------

    indented code

---

<thinking>not lost</thinking> 0<foo or foo>10 👩\u200d👩\u200d👧 ☀\ufe0f e\u0301

[ref]: https://example.org/ref "Title"
"""

FRAGMENTS = (
    *("a", "b c", "word " * 12, "W" * 70, "字" * 50, "中文", "，", "“", "é", "e\u0301\u0301"),
    *("- ", "* ", "1. ", "2) ", "10. ", "> ", ">", "# ", "## ", "- [ ] t", "---", "===", "***"),
    *("```", "~~~", "```py", "def f(): 'x'\n", '"""', "/*", "*/", "`", "**", "_", "~~", "\\"),
    *("\n", "\n", "\n", "\n", "\n\n", " ", "  ", "    ", "\t"),
    *("x | y", "|", "--|--", "| a | b |\n|---|---|\n", "r | s\n" * 30),
    *("[a]", "[a]: http://x/y\n", "[a]: <z> 'q\n", "http://a.b/c", "[l](http://q)", "[[", "]("),
    *("$$", "$", "\\[", "\\(", "![i](u)", "&#x202e;", "&#9;", "&Tab;", "<br>", "<thinking>"),
    *("👩\u200d👩\u200d👧", "☀\ufe0f", "\u200d", "\ufe0f", "\u3000", "\u00a0"),
)

fragments = st.lists(st.sampled_from(FRAGMENTS), max_size=24).map("".join)
"""Markdown of every kind, mostly not well formed."""


def split(text: str, sizes: Iterable[int]) -> list[str]:
    """A text in pieces of the given sizes, over and over."""
    pieces: list[str] = []
    steps = list(sizes)
    while text:
        size = steps[len(pieces) % len(steps)]
        pieces.append(text[:size])
        text = text[size:]
    return pieces


def streamed(pieces: Iterable[str], styles: MarkdownStyles, width: int) -> MarkdownDocument:
    """A document that got its text piece by piece and was refreshed after each."""
    document = MarkdownDocument(styles, width)
    for piece in pieces:
        document.append(piece)
        document.refresh()
    document.close()
    document.refresh()
    return document


def shown(text: str, styles: MarkdownStyles, width: int = 60) -> list[str]:
    """What is seen, without the blanks at the ends."""
    return [line.strip.text.rstrip() for line in render(text, styles, width)]


def copied(lines: Sequence[Line]) -> str:
    """What copying all the lines gives."""
    return "".join(
        ("" if index == 0 else line.joint) + line.text for index, line in enumerate(lines)
    )


def segment_with(text: str, lines: Iterable[Line]) -> Segment:
    """The first segment that holds a text."""
    return next(segment for line in lines for segment in line.strip if text in segment.text)


def style_of(text: str, lines: Iterable[Line]) -> Style:
    """Its style."""
    style = segment_with(text, lines).style
    assert style is not None
    return style
