"""The rooms of the package and the direction of their imports, as the design has them."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import chat_tui

PACKAGE = Path(chat_tui.__file__).parent
ROOT = PACKAGE.parent
HEAVY = frozenset(
    {"textual", "rich", "httpx", "tiktoken", "pydantic", "sqlite3", "pygments", "markdown_it"}
)
"""What the core must not load: the UI, the network, the disk, and pydantic before it is needed."""


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


CORE_MODULES = [module_of(path) for path in sorted((PACKAGE / "core").rglob("*.py"))]
SOURCES = sorted(PACKAGE.rglob("*.py"))
SILENT = [path for path in SOURCES if not path.is_relative_to(PACKAGE / "cli")]


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages that a fresh Python has loaded after importing modules."""
    code = "import sys\n" + "".join(f"import {module}\n" for module in modules)
    code += "print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_core_loads_nothing_heavy() -> None:
    assert "chat_tui.core.manager" in CORE_MODULES

    assert loaded_by(*CORE_MODULES) & HEAVY == set()


def test_the_package_itself_loads_nothing() -> None:
    """`--version` is answered before anything is imported."""
    others = loaded_by("chat_tui") - loaded_by("sys") - {"chat_tui"}

    assert others == set()


def test_heavy_packages_would_be_seen() -> None:
    assert loaded_by("sqlite3") & HEAVY == {"sqlite3"}


def test_imports_follow_the_contracts() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [linter, "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SILENT, ids=module_of)
def test_only_the_command_line_prints(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    printing = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in {"print", "pprint", "breakpoint"}
    ]

    assert printing == []


@pytest.mark.parametrize("path", SOURCES, ids=module_of)
def test_imports_are_absolute(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    relative = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]

    assert relative == []
