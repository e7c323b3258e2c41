"""A second, slow way to the same lines: markdown-it's own block parser, rendered from its tokens.

It knows nothing of increments, so it can say what the structure of a text is. Lines are given as
plain text at a width that wraps nothing.
"""

from markdown_it.token import Token
from rich.style import Style

from chat_tui.ui.markdown import MarkdownStyles, parser
from chat_tui.ui.markdown.inline import InlineRenderer
from chat_tui.ui.markdown.scan import task

WIDTH = 300


def oracle_lines(text: str, styles: MarkdownStyles) -> list[str]:
    env: dict[str, object] = {}
    tokens: list[Token] = []
    parser().block.parse(text, parser(), env, tokens)
    return [line.rstrip() for line in _Oracle(styles, env).blocks(tokens, tight=False, room=WIDTH)]


class _Oracle:
    def __init__(self, styles: MarkdownStyles, env: dict[str, object]) -> None:
        self._inline = InlineRenderer(styles, env, [])
        self._bullets = 0

    def blocks(self, tokens: list[Token], *, tight: bool, room: int) -> list[str]:
        lines: list[str] = []
        while tokens:
            block, tokens = _split(tokens)
            made = self._block(block, room)
            if made:
                lines += [""] if lines and not tight else []
                lines += made
        return lines

    def _block(self, block: list[Token], room: int) -> list[str]:
        first, inner = block[0], block[1:-1]
        match first.type:
            case "paragraph_open":
                return self._text(inner[0].content)
            case "heading_open":
                lines = self._text(inner[0].content)
                return lines + (
                    ["─" * max(map(len, lines))] if first.tag == "h1" and lines[0] else []
                )
            case "hr":
                return ["─" * room]
            case "fence":
                label = [f"  {first.info.strip()}"] if first.info.strip() else []
                return label + _code(first.content)
            case "code_block":
                return _code(first.content)
            case "blockquote_open":
                return [f"▌ {line}" for line in self.blocks(inner, tight=False, room=room - 2)]
            case "bullet_list_open" | "ordered_list_open":
                return self._list(first, inner, room)
            case "table_open":
                return self._table(inner)
        raise AssertionError(first.type)

    def _text(self, content: str) -> list[str]:
        return "".join(p.text for p in self._inline.pieces(content, Style.null())).split("\n")

    def _list(self, first: Token, tokens: list[Token], room: int) -> list[str]:
        ordered = first.type.startswith("ordered")
        number = int(first.attrs.get("start", 1))
        tight = not any(
            token.type == "paragraph_open" and not token.hidden and token.level == first.level + 2
            for token in tokens
        )
        bullet = "•◦▪"[min(self._bullets, 2)]
        self._bullets += not ordered
        lines: list[str] = []
        while tokens:
            item, tokens = _split(tokens)
            label = f"{number:>2}{first.markup} " if ordered else f" {bullet} "
            number += 1
            done = task(item[2].content) if item[1].type == "paragraph_open" else None
            if done is not None:
                item[2].content = item[2].content[4:]
                box = "☑ " if done else "☐ "
                label = label + box if ordered else f" {box}"
            made = self.blocks(item[1:-1], tight=tight, room=room - len(label)) or [""]
            lines += [""] if lines and not tight else []
            lines += [label + made[0], *[" " * len(label) + line for line in made[1:]]]
        self._bullets -= not ordered
        return lines

    def _table(self, tokens: list[Token]) -> list[str]:
        rows: list[list[str]] = []
        for position, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                rows[-1].append("".join(self._text(tokens[position + 1].content)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            " │ ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return [lines[0], "─┼─".join("─" * width for width in widths), *lines[1:]]


def _split(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    level = 0
    for position, token in enumerate(tokens):
        level += token.nesting
        if level == 0:
            return tokens[: position + 1], tokens[position + 1 :]
    raise AssertionError(tokens)


def _code(content: str) -> list[str]:
    return [f"  {line.expandtabs(4)}" for line in content.removesuffix("\n").split("\n")]
