"""Code blocks as files: what they may be called, and writing them."""

import os
import re
from contextlib import suppress
from pathlib import Path

from chat_tui.core.safety import clean_line
from chat_tui.ui.markdown import CodeBlock

_ENDINGS = {
    "bash": "sh", "c": "c", "c#": "cs", "c++": "cpp", "clojure": "clj", "cpp": "cpp",
    "cs": "cs", "csharp": "cs", "css": "css", "csv": "csv", "dart": "dart", "diff": "diff",
    "elixir": "ex", "elm": "elm", "erlang": "erl", "fish": "fish", "fsharp": "fs", "go": "go",
    "golang": "go", "graphql": "graphql", "haskell": "hs", "hcl": "tf", "html": "html",
    "ini": "ini", "java": "java", "javascript": "js", "js": "js", "json": "json",
    "jsonc": "json", "jsx": "jsx", "julia": "jl", "kotlin": "kt", "latex": "tex", "lua": "lua",
    "markdown": "md", "md": "md", "nim": "nim", "nix": "nix", "objective-c": "m", "ocaml": "ml",
    "patch": "diff", "perl": "pl", "php": "php", "powershell": "ps1", "proto": "proto",
    "ps1": "ps1", "py": "py", "python": "py", "python3": "py", "r": "r", "rb": "rb",
    "rs": "rs", "ruby": "rb", "rust": "rs", "sass": "sass", "scala": "scala", "scss": "scss",
    "sh": "sh", "shell": "sh", "sql": "sql", "svelte": "svelte", "svg": "svg", "swift": "swift",
    "terraform": "tf", "tex": "tex", "toml": "toml", "ts": "ts", "tsx": "tsx",
    "typescript": "ts", "vim": "vim", "vue": "vue", "xml": "xml", "yaml": "yaml", "yml": "yaml",
    "zig": "zig", "zsh": "zsh",
}  # fmt: skip
"""Language → the end of a file's name; of all others `txt`."""

_WHOLE_NAMES = {"dockerfile": "Dockerfile", "docker": "Dockerfile", "makefile": "Makefile"}

_NAME = r"[\w.+/\\-]*\w\.\w{1,10}|Dockerfile|Makefile"
_IN_INFO = re.compile(
    rf"(?:(?:title|file|filename|path|name)\s*=\s*[\"']?|^\S*?:)({_NAME})[\"']?(?:\s|$)|"
    rf"\s({_NAME})(?:\s|$)"
)
_IN_COMMENT = re.compile(
    rf"\s*(?:#|//|--|;|%|/\*|<!--)+\s*(?:file(?:name)?:\s*)?({_NAME})\s*(?:\*/|-->)?\s*$",
    re.IGNORECASE,
)
_UNSAFE = re.compile(r"[^\w.+-]+")
_LONGEST = 80


def proposed_name(block: CodeBlock, number: int) -> str:
    """A name for a code block's file: the one that the model gave it, or one by its language.

    It is the name of a file in the working directory, never hidden and never a path: what a model
    writes must not lead elsewhere unasked.

    Args:
        block: the code.
        number: which of the message's blocks it is, counted from 1.
    """
    first = block.source.split("\n", 1)[0][:200]
    found = _IN_INFO.search(block.info) or _IN_COMMENT.match(first)
    if found:
        given = next(filter(None, found.groups())).replace("\\", "/").rpartition("/")[2]
        name = _UNSAFE.sub("-", clean_line(given, code=True))[-_LONGEST:].lstrip(".-")
        if name:
            return name
    language = block.language.lower().partition(":")[0].strip("{}.")
    if language in _WHOLE_NAMES:
        return _WHOLE_NAMES[language]
    return f"code-{number}.{_ENDINGS.get(language, 'txt')}"


def path_of(given: str) -> Path:
    """A path as it was typed: `~` is the home folder, and all is seen from the working folder."""
    path = Path(os.path.expanduser(given))  # noqa: PTH111 - Path's raises for `~nobody`
    with suppress(OSError):  # The working folder may be gone.
        path = Path.cwd() / path
    return path


def is_file(path: Path) -> bool:
    """Whether a file is there, as far as can be seen."""
    return os.path.isfile(path)  # noqa: PTH113 - Path's raises for long names, closed folders


def shown_path(path: Path) -> str:
    """A path as it is told: below the home folder with a tilde, clean."""
    with suppress(ValueError, RuntimeError):
        path = Path("~") / path.relative_to(Path.home())
    return clean_line(str(path), code=True)


def write_code(path: Path, code: str, *, replace: bool) -> None:
    """Write code to a file, with a line end at its end.

    Args:
        path: the file; its folder must be there.
        code: clean.
        replace: overwrite what is there.

    Raises:
        FileExistsError: something is there, and it is not to be replaced.
        OSError: it cannot be written.
    """
    with path.open("w" if replace else "x", encoding="utf-8", newline="\n") as file:
        file.write(code.removesuffix("\n") + "\n")
