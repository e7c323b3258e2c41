"""What finding takes for seen is what is drawn."""

import pytest

from chat_tui.core.plain_text import seen_markdown
from chat_tui.ui.markdown import MarkdownStyles, render
from tests.benchmarks.corpus import deltas
from tests.ui.markdown.samples import ANSWER


def drawn(source: str, styles: MarkdownStyles) -> str:
    lines = render(source, styles, 1_000)
    return " ".join("".join(line.joint + line.text for line in lines).split())


def alike(words: str) -> str:
    """What is not worth being told apart: bullets by depth, numbers that are counted anew."""
    return " ".join(words.translate({ord("◦"): "•", ord("▪"): "•"}).split())


@pytest.mark.parametrize(
    "source",
    [
        "".join(deltas(600)),
        ANSWER.replace("10. Ten", "").replace("<br>", " ").replace("  + 1", "  1"),
        "**bold *nested* and `code*`** then __under__ and snake_case_name",
        "5 * 3 and 2 * 4; a*b*c; ~~gone~~ ~5 min~",
        "[label](https://a.b/c_(d)) [rel](./x.md) [](https://a.b) ![pic](https://p.q/r.png)",
        "`` a`b `` and ``` x ``` and `un\nbroken`",
        r"\(a_b\) and $x*y*z$ but $5 and $10, \*stars\* C:\dir",
        "&lt;b&gt; &copy; &#8364; &unknown; <https://a.b> <b>html</b>",
        "Title\n=====\n\ntext\n\n---\n\n> a\n> b\n>> c",
        "- [ ] open\n- [x] done\n* star\n+ plus\n1. one\n2) two",
        "~~~py\n# not a heading\n~~~\nafter",
        "```\nopen **fence",
        "> ```\n> quoted **code**\n> ```",
        "| a | b |\n|:-:|---|\n| `x` | **y** |\n| p\\|q | |",
        "see [one][1] and [two]\n\n[1]: https://a.b 'title'\n[two]: https://c.d",
        "**你好：**世界。他说**“你好”**。",
        "hard  \nbreak\\\nhere",
        "plain words, nothing else",
    ],
)
def test_markdown_is_seen_as_it_is_drawn(source: str, styles: MarkdownStyles) -> None:
    assert alike(seen_markdown(source)) == alike(drawn(source, styles))
