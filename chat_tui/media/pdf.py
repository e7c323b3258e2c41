"""The text of a PDF, a few seconds' worth of pages at a time."""

import logging
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.media.extracts import Extract, Importer, library, protected, unreadable

MOST_PAGES = 10_000
MOST_CHARACTERS = 8_000_000
"""Of one piece."""


def read_pdf(
    content: bytes,
    name: str,
    importer: Importer,
    *,
    start: int = 0,
    seconds: float = 5.0,
    now: Callable[[], float] = time.monotonic,
) -> Extract:
    """The text of the pages from one on, each after a line with its number.

    Args:
        content: the file.
        name: of the file, clean.
        importer: imports pypdf.
        start: the page to begin with, from 0.
        seconds: after which no other page is begun; one page is always read.
        now: the time in seconds.

    Raises:
        UsageError: the library is missing, the file damaged or protected.
    """
    pypdf = library(importer, "pypdf", name)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    until = now() + seconds
    reader = _opened(pypdf, content, name)
    pages = min(len(reader.pages), MOST_PAGES)
    taken: list[str] = []
    size, blank, broken, at = 0, 0, 0, start
    while at < pages and size < MOST_CHARACTERS and (at == start or now() < until):
        try:
            text = reader.pages[at].extract_text().strip()
        except (MemoryError, UsageError):
            raise
        except Exception:  # noqa: BLE001 - pypdf raises anything where a page is damaged
            text, broken = "", broken + 1
        else:
            blank += not text
        at += 1
        if text:
            taken.append(f"[Page {at}]\n{text}\n" if pages > 1 else f"{text}\n")
            size += len(taken[-1])
    following = at if at < pages else 0
    return Extract("\n".join(taken), pages, following, "", (), blank, broken)


def _opened(pypdf: Any, content: bytes, name: str) -> Any:
    """A reader of the file, whose pages can be counted."""
    try:
        reader = pypdf.PdfReader(BytesIO(content), strict=False)
        # An empty password opens what is only protected against changes.
        if reader.is_encrypted and not reader.decrypt(""):
            raise protected(name)
        len(reader.pages)
    except (MemoryError, UsageError):
        raise
    except pypdf.errors.DependencyError:
        raise protected(name) from None
    except pypdf.errors.FileNotDecryptedError:
        raise protected(name) from None
    except Exception as error:
        raise unreadable(name) from error
    return reader
