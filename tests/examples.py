"""How many examples hypothesis tries: a tenth in `make test`, all of them in `make slow`."""

import os

_ALL = bool(os.environ.get("CHAT_TUI_ALL_EXAMPLES"))
_FEW = 30


def examples(count: int) -> int:
    """So many in a long run, and a tenth, but not less than thirty, in every other one."""
    return count if _ALL else max(count // 10, min(count, _FEW))
