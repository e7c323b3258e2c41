"""The job of the process that reads documents: a file's bytes in, its text out."""

import importlib
from collections.abc import Mapping
from typing import Any

from chat_tui.media.extracts import Extract, Importer
from chat_tui.media.office import read_archive, read_workbook
from chat_tui.media.pdf import read_pdf
from chat_tui.media.web_pages import read_page

MOST_BYTES = 32_000_000
"""Of the text that is given back."""


def take(
    arguments: Mapping[str, Any],
    content: bytes,
    importer: Importer = importlib.import_module,
) -> tuple[dict[str, Any], bytes]:
    """Take the text from a document.

    Args:
        arguments: `kind` (`pdf`, `archive`, `old-workbook`, or `page`: HTML in UTF-8), `name` of
            the file as it is shown, `start` the page to begin with.
        content: the file.
        importer: imports the libraries.

    Returns:
        The fields of the `Extract` but its text, and its text in UTF-8.

    Raises:
        UsageError: a library is missing; the file is damaged, protected, too large.
    """
    name = str(arguments["name"])
    match arguments["kind"]:
        case "pdf":
            extract = read_pdf(content, name, importer, start=int(arguments.get("start", 0)))
        case "page":
            extract = read_page(content.decode("utf-8"), importer)
        case "old-workbook":
            extract = read_workbook(content, name, importer)
        case _:
            extract = read_archive(content, name, importer)
    text = extract.text.encode("utf-8", "replace")
    return extract._replace(text="")._asdict(), text[:MOST_BYTES]


def taken(answer: Mapping[str, Any], text: bytes) -> Extract:
    """What `take` gave, as it was."""
    fields = {**answer, "text": text.decode("utf-8", "ignore")}
    fields["warnings"] = tuple(fields.get("warnings", ()))
    return Extract(**fields)
