"""Small documents, made by hand, and a worker that reads them in the process of the test."""

import asyncio
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from chat_tui.core.errors import UsageError
from chat_tui.media.extracts import Importer
from chat_tui.media.taking import take

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


class TestWorker:
    """Does the job of the process in the process of the test.

    Args:
        importer: imports the libraries; None as the process does.
    """

    __test__ = False

    def __init__(self, importer: Importer | None = None) -> None:
        self._importer = importer
        self.asked: list[Mapping[str, Any]] = []

    async def run(
        self, job: str, arguments: Mapping[str, Any], content: bytes
    ) -> tuple[dict[str, Any], bytes]:
        assert job == "document_text"
        self.asked.append(arguments)
        await asyncio.sleep(0)
        if self._importer is None:
            return take(arguments, content)
        return take(arguments, content, self._importer)


def nothing_installed(module: str) -> Any:
    """An importer that has none of the libraries."""
    raise ModuleNotFoundError(module)


def zipped(files: Mapping[str, str | bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, content in files.items():
            # Not the time of now: what is made here has the same bytes each time.
            archive.writestr(zipfile.ZipInfo(name), content, packed)
    return out.getvalue()


def _start(target: str) -> str:
    """Where a document begins."""
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{_RELATIONS}/officeDocument" Target="{target}"/></Relationships>'
    )


def docx(body: str, **more: str | bytes) -> bytes:
    """A document of Word.

    Args:
        body: the XML in its body.
        more: other files in it.
    """
    return zipped(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}/content-types">'
                '<Default Extension="xml" ContentType="application/xml"/></Types>'
            ),
            "_rels/.rels": _start("word/document.xml"),
            "word/document.xml": (
                f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
            ),
            **more,
        }
    )


def paragraph(text: str, style: str = "") -> str:
    """A paragraph of Word."""
    looks = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{looks}<w:r><w:t>{text}</w:t></w:r></w:p>"


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of Word."""
    cells = (
        "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row).join(("<w:tr>", "</w:tr>"))
        for row in rows
    )
    return f"<w:tbl>{''.join(cells)}</w:tbl>"


def xlsx(sheets: Mapping[str, str], hidden: Sequence[str] = ()) -> bytes:
    """A workbook of Excel.

    Args:
        sheets: the XML of the rows of each, by their names.
        hidden: the names of those that are.
    """
    states = {name: ' state="hidden"' if name in hidden else "" for name in sheets}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"{states[name]}/>'
        for at, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="r{at}" Type="{_RELATIONS}/worksheet" Target="worksheets/s{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": _start("xl/workbook.xml"),
            "xl/workbook.xml": (
                f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets>'
                "</workbook>"
            ),
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
            ),
            **{
                f"xl/worksheets/s{at}.xml": (
                    f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData></worksheet>'
                )
                for at, rows in enumerate(sheets.values(), 1)
            },
        }
    )


def row(number: int, *cells: str | float) -> str:
    """A row of Excel; words that begin with `=` are formulas with the value 42."""
    return "".join(_cell(f"{chr(65 + at)}{number}", cell) for at, cell in enumerate(cells)).join(
        (f'<row r="{number}">', "</row>")
    )


def _cell(place: str, cell: str | float) -> str:
    if not isinstance(cell, str):
        return f'<c r="{place}"><v>{cell}</v></c>'
    if cell.startswith("="):
        return f'<c r="{place}"><f>{cell[1:]}</f><v>42</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>'


def pdf(*pages: str, encrypted: bool = False) -> bytes:
    """A PDF with a line of text on each page; an empty one has none."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /MediaBox [0 0 9 9] /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    fonts = "/Resources << /Font << /F1 3 0 R >> >>"
    for at, text in enumerate(pages):
        drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else "0 0 m 9 9 l S"
        objects += [
            f"<< /Type /Page /Parent 2 0 R {fonts} /Contents {5 + 2 * at} 0 R >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table_at = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    locked = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'00' * 32}> /U <{'11' * 32}> >>"
        f" /ID [<{'22' * 16}> <{'22' * 16}>]"
        if encrypted
        else ""
    )
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R {locked} >>"
    return out + f"trailer\n{trailer}\nstartxref\n{table_at}\n%%EOF\n".encode()


def told(error: UsageError) -> str:
    """What the user is told, for comparing."""
    return f"{error.message} {error.hint}".strip()
