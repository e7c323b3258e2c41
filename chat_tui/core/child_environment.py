"""What helper processes of the app get of its environment: what Python needs, and no keys."""

import os
import sys
from collections.abc import Mapping

_PASSED_ON = frozenset(
    {
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "PYTHONHOME",
        "PYTHONPYCACHEPREFIX",
        "PYTHONDONTWRITEBYTECODE",
    }
)


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a Python process: no keys, and the modules of this one."""
    passed_on = {name: value for name, value in environ.items() if name in _PASSED_ON}
    return {**passed_on, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
