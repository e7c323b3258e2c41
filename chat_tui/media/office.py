"""The text of documents and workbooks of office programs."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

from chat_tui.core.errors import UsageError
from chat_tui.core.safety import clean_line
from chat_tui.media.archives import checked
from chat_tui.media.extracts import Extract, Importer, library, protected, unreadable
from chat_tui.media.web_pages import markdown_of, parsed

MOST_ROWS = 50_000
"""Of one sheet."""

MOST_CELLS = 1_000_000
"""Of all sheets."""

MOST_SHEETS = 200

MOST_STRUCTURED = 5_000_000
"""Bytes of XML of a docx that are read with headings and tables: about five seconds."""

_BODY = "word/document.xml"
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n"}

_ELSE = {
    "slides": "it is a presentation; save it as PDF, and attach that",
    "text-document": "it is an OpenDocument text; save it as .docx or PDF, and attach that",
    "book": "it is a book (EPUB); attach the chapter that matters as text",
    "archive": "it is an archive; unpack it, and attach the files that matter",
}


def read_archive(content: bytes, name: str, importer: Importer) -> Extract:
    """The text of a zipped document, whatever its name says it is.

    Raises:
        UsageError: it is damaged, protected, too large, or of no kind that is read.
    """
    archive = checked(content, name)
    if archive.kind == "docx":
        return _document(content, name, importer, archive.pictures)
    if archive.kind == "workbook":
        return read_workbook(content, name, importer)
    raise UsageError(f"{name} cannot be attached: {_ELSE[archive.kind]}.")


def _document(content: bytes, name: str, importer: Importer, pictures: int) -> Extract:
    """A docx as Markdown; its pictures and comments are left out."""
    mammoth = library(importer, "mammoth", name)
    library(importer, "markdownify", name)
    lost = f"{pictures:,} pictures" if pictures > 1 else "A picture"
    warnings = (f"{lost} in it cannot be sent with the text.",) if pictures else ()
    try:
        if (words := plain_words(content)) is not None:
            told = "It is so large that headings, lists and tables are plain lines."
            return Extract(words, language="", warnings=(told, *warnings))
        page = mammoth.convert_to_html(
            BytesIO(content),
            include_embedded_style_map=False,
            external_file_access=False,
            convert_image=lambda _image: [],
        ).value
        text = markdown_of(importer, parsed(importer, page))
    except MemoryError:
        raise
    except Exception as error:
        raise unreadable(name) from error
    return Extract(text, warnings=warnings)


def plain_words(content: bytes, most: int = MOST_STRUCTURED) -> str | None:
    """The paragraphs of a docx as lines, where it is too large to be read with its structure.

    Args:
        content: the file, looked at before.
        most: bytes of XML from which on it is.
    """
    with ZipFile(BytesIO(content)) as archive:
        if archive.getinfo(_BODY).file_size <= most:
            return None
        taken: list[str] = []
        reading = _Paragraphs(taken)
        with archive.open(_BODY) as body:
            reading.parser.ParseFile(body)
    return "".join(taken)


class _Paragraphs:
    """Takes the words of WordprocessingML as they come.

    Args:
        taken: where they go.
    """

    def __init__(self, taken: list[str]) -> None:
        self._taken = taken
        self._in_text = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words

    def _start(self, tag: str, _attributes: object) -> None:
        name = tag.rpartition(" ")[2]
        self._in_text = name == "t"
        self._taken.append(_SPACES.get(name, ""))

    def _end(self, tag: str) -> None:
        self._in_text = False
        if tag.rpartition(" ")[2] == "p":
            self._taken.append("\n")

    def _words(self, words: str) -> None:
        if self._in_text:
            self._taken.append(words)


def read_workbook(content: bytes, name: str, importer: Importer) -> Extract:
    """The values of a workbook's sheets, each under its name as CSV; formulas as they were saved.

    Raises:
        UsageError: the library is missing, the file damaged or protected.
    """
    calamine = library(importer, "python_calamine", name)
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        return _sheets(book, _hidden(calamine, book))
    except calamine.PasswordError:
        raise protected(name) from None
    except MemoryError:
        raise
    except Exception as error:
        raise unreadable(name) from error


def _hidden(calamine: Any, book: Any) -> list[str]:
    seen = calamine.SheetVisibleEnum.Visible
    return [each.name for each in book.sheets_metadata if each.visible != seen]


def _sheets(book: Any, hidden: list[str]) -> Extract:
    names: list[str] = book.sheet_names
    out = StringIO()
    warnings = [f"The hidden sheet “{_short(each)}” is among the text." for each in hidden[:5]]
    cells = MOST_CELLS
    for sheet_name in names[:MOST_SHEETS]:
        sheet = book.get_sheet_by_name(sheet_name)
        out.write(f"{chr(10) if out.tell() else ''}# {clean_line(sheet_name)}\n\n")
        rows = min(sheet.height, MOST_ROWS, cells // max(sheet.width, 1))
        cells -= rows * sheet.width
        if rows < sheet.height:
            few = f"Only {rows:,} of {sheet.height:,} rows of “{_short(sheet_name)}” were read."
            warnings.append(few)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerows(_rows(sheet.to_python(nrows=rows) if rows else ()))
    if len(names) > MOST_SHEETS:
        warnings.append(f"Only {MOST_SHEETS:,} of {len(names):,} sheets were read.")
    return Extract(out.getvalue(), len(names), language="csv", warnings=tuple(warnings[:20]))


def _short(name: str) -> str:
    return clean_line(name, code=True)[:60]


def _rows(rows: Iterable[list[Any]]) -> Iterator[list[str]]:
    """Rows as text, without what is empty at their end; empty rows are left out."""
    for row in rows:
        cells = [_cell(each) for each in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells


def _cell(value: object) -> str:
    """A value as people write it: whole numbers without a point, times as in ISO 8601."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case dt.datetime() if value.time() == dt.time():
            return value.date().isoformat()
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)
