"""Documents as text: what is taken from each kind, and what is refused with which words."""

import asyncio
import os
from pathlib import Path
from random import Random

import pytest

from chat_tui.core.attachments.media import Document, DocumentWish, Rule
from chat_tui.core.errors import UsageError
from chat_tui.media.documents import Documents
from chat_tui.media.office import plain_words
from chat_tui.media.pdf import read_pdf
from chat_tui.media.process import Worker
from tests.media.document_files import (
    TestWorker,
    docx,
    nothing_installed,
    paragraph,
    pdf,
    row,
    table,
    told,
    xlsx,
    zipped,
)

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PAGE = (
    "<!doctype html><html><head><title>Seen</title><style>no1</style></head><body>"
    "<p>a <b>b</b> <a href='http://x/y'>l</a> <a href='javascript:no2'>j</a></p>"
    "<p hidden>no3</p><p style='display: none'>no4</p><script>no5</script><!-- no6 -->"
    "<p aria-hidden=true>no7</p><img alt='cat' src='data:no8'>"
    "<ul><li>1<li>2</ul><table><tr><td>x<td>y</table></body></html>"
)

SOUND = {
    "a.pdf": pdf("One", "Two"),
    "a.docx": docx(paragraph("One") + table([["a", "b"]])),
    "a.xlsx": xlsx({"One": row(1, "a", 2)}),
    "a.html": PAGE.encode(),
}


def read(
    content: bytes, name: str, rule: Rule = "whole", most: int = 0, *, installed: bool = True
) -> Document:
    documents = Documents(TestWorker() if installed else TestWorker(nothing_installed))
    return asyncio.run(documents.document_of(content, DocumentWish(rule, most), name))


def refusal(content: bytes, name: str, *, installed: bool = True) -> str:
    with pytest.raises(UsageError) as refused:
        read(content, name, installed=installed)
    return told(refused.value)


def test_text_has_its_language_encoding_and_counts() -> None:
    code = read(b"#!/usr/bin/env python3\r\nprint()\r", "run")
    assert (code.text, code.language, code.encoding) == (
        "#!/usr/bin/env python3\nprint()\n",
        "python",
        "UTF-8",
    )
    assert (code.characters, code.lines, code.pages, code.cut) == (31, 2, 0, False)
    assert code.part().media_type == "text/plain"
    languages = {
        "a.TS": "typescript",
        "Makefile": "makefile",
        "src/CMakeLists.txt": "cmake",
        "Dockerfile.dev": "dockerfile",
        "notes.txt": "",
        "LICENSE": "",
        "a.b.md": "markdown",
        ".bashrc": "bash",
    }
    assert {name: read(b"x", name).language for name in languages} == languages
    lost = read(b"a\xffb" + "é".encode() * 30, "x.txt")
    assert lost.text.startswith("a\ufffdbé")
    assert lost.warnings == ("A place in it is no UTF-8, and shown as “\ufffd”.",)


def test_pdf_gives_pages_with_their_numbers() -> None:
    read_pages = read(pdf("One", "", "Three"), "a.pdf")
    assert read_pages.text == "[Page 1]\nOne\n\n[Page 3]\nThree\n"
    assert (read_pages.pages, read_pages.language) == (3, "")
    assert read_pages.warnings == ("1 of 3 pages has no text: pictures of pages cannot be read.",)
    assert read_pages.attachment.media_type == "application/pdf"
    assert read(pdf("Alone"), "no-extension").text == "Alone\n"


def test_long_pdf_is_read_in_pieces() -> None:
    """A job has little time: the next pages are asked for until there are no more."""
    ticks = iter(range(100))
    content = pdf("One", "Two", "Three")
    import_module = __import__("importlib").import_module
    first = read_pdf(content, "a.pdf", import_module, seconds=0.5, now=lambda: next(ticks))
    assert (first.text, first.following, first.pages) == ("[Page 1]\nOne\n", 1, 3)
    rest = read_pdf(content, "a.pdf", import_module, start=1)
    assert (rest.text, rest.following) == ("[Page 2]\nTwo\n\n[Page 3]\nThree\n", 0)


def test_docx_becomes_markdown() -> None:
    body = (
        paragraph("Title", "Heading1")
        + paragraph("snake_case *star* &lt;b&gt;")
        + table([["a", "b"], ["1", "2"]])
    )
    content = docx(body, **{"word/media/image1.png": b"\x89PNG"})
    found = read(content, "a.docx")
    assert found.text == (
        "# Title\n\nsnake_case *star* <b>\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    )
    assert (found.language, found.lines) == ("markdown", 7)
    assert found.warnings == ("A picture in it cannot be sent with the text.",)
    renamed = read(content, "download")
    assert (renamed.text, renamed.attachment) == (found.text, found.attachment)


def test_large_docx_is_read_as_lines() -> None:
    words = paragraph("One") + "<w:p><w:r><w:t>Two</w:t><w:tab/><w:t>3</w:t></w:r></w:p>"
    content = docx(words + table([["a", "b"]]))
    assert plain_words(content, 10) == "One\nTwo\t3\na\nb\n"
    assert plain_words(content) is None


def test_workbook_gives_values_of_all_sheets() -> None:
    rows = row(1, "a", "b") + row(3, 1, 2.5) + row(4, "=A3+1", 'x, "y"')
    found = read(xlsx({"One": rows, "Secret": row(1, "z")}, hidden=["Secret"]), "a.xlsx")
    assert found.text == '# One\n\na,b\n1,2.5\n42,"x, ""y"""\n\n# Secret\n\nz\n'
    assert (found.pages, found.language) == (2, "csv")
    assert found.warnings == ("The hidden sheet “Secret” is among the text.",)


def test_web_page_gives_what_is_seen_of_it() -> None:
    found = read(PAGE.encode(), "a.html")
    assert found.text == (
        "# Seen\n\na **b** [l](http://x/y) j\n\ncat\n\n- 1\n- 2\n\n| x | y |\n| --- | --- |\n"
    )
    assert (found.language, found.attachment.media_type) == ("markdown", "text/html")
    plain = read(PAGE.encode(), "a.html", installed=False).text
    assert plain == "Seen\na b l j\n1\n2\nx y\n"
    assert read(PAGE.encode(), "stdin").text == found.text
    cyrillic = '<meta charset="windows-1251"><p>Привет</p>'.encode("cp1251")
    assert read(cyrillic, "a.htm").text == "Привет\n"
    deep = "<div>" * 5_000 + "deep words " * 20
    assert read(deep.encode(), "a.html").text == " ".join(["deep words"] * 20) + "\n"


def test_a_row_of_blanks_is_as_long_as_libraries_can_bear() -> None:
    words = "some words of it"
    for source in ("<pre>{}{}b</pre>", "<p>{}{}b</p>"):
        text = read(source.format(words, " " * 5_000).encode(), "a.html").text
        assert " ".join(text.strip("`\n").split()) == f"{words} b"
        assert len(text) < 300


@pytest.mark.parametrize(
    "source",
    ["<p>{{ name }}</p>", "<script>" + "x();" * 900 + "</script>"],
    ids=["template", "script"],
)
def test_page_that_is_a_program_stays_code(source: str) -> None:
    found = read(source.encode(), "a.html")
    assert (found.text, found.language) == (source, "html")


def test_what_is_no_document_is_refused_with_its_kind() -> None:
    assert "a.bin is no text: it is a program." in refusal(b"\x7fELF\x02\x01\x01\0", "a.bin")
    assert "it is an archive" in refusal(zipped({"a": "b"}), "a.zip")
    assert "it is a presentation" in refusal(zipped({"ppt/presentation.xml": "<a/>"}), "a.docx")
    assert "sound or a film" in refusal(b"\0\0\0\x18ftypmp42", "a.mp4")
    assert "no text that can be read" in refusal(b"\0\1\2", "a.dat")
    assert "an old office program" in refusal(OLD_OFFICE, "a.doc")
    assert refusal(b"\x89PNG\r\n\x1a\n", "a.txt") == "a.txt is a picture. Attach it as a picture."
    assert refusal(b"", "a.txt") == "a.txt is empty: there is nothing in it to attach."


def test_damaged_and_protected_documents_are_refused() -> None:
    damaged = "cannot be read: it seems to be damaged"
    assert damaged in refusal(b"%PDF-1.4 junk", "a.pdf")
    assert damaged in refusal(docx(paragraph("x"))[:400], "a.docx")
    assert damaged in refusal(OLD_OFFICE, "a.xls")
    assert damaged in refusal(xlsx({"One": row(1, "a")[:-9]}), "a.xlsx")
    deep = "<w:tbl><w:tr><w:tc>" * 400 + "</w:tc></w:tr></w:tbl>" * 400
    assert damaged in refusal(docx(deep), "a.docx")
    assert "protected by a password" in refusal(pdf("x", encrypted=True), "a.pdf")
    assert "protected by a password" in refusal(OLD_OFFICE, "a.xlsx")
    assert "holds pictures of pages only" in refusal(pdf("", ""), "a.pdf")


def test_bombs_and_entities_are_refused_before_a_library_sees_them() -> None:
    bomb = docx(paragraph("x"), **{"word/bin": bytes(20_000_000)})
    assert "made to fill the memory" in refusal(bomb, "a.docx")
    many = zipped({"[Content_Types].xml": "", **{f"{at}": "" for at in range(10_001)}}, 0)
    assert "10,002 files" in refusal(many, "a.docx")
    for codec in ("utf-8", "utf-16"):
        entity = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'.encode(codec)
        assert "declares entities" in refusal(docx("", **{"word/x.xml": entity}), "a.docx")


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx"])
def test_missing_libraries_are_named(name: str) -> None:
    assert "pip install 'chat-tui[documents]'" in refusal(SOUND[name], name, installed=False)


def test_long_document_is_cut_or_refused_with_numbers() -> None:
    content = b"line\n" * 1_000
    with pytest.raises(UsageError, match="5,000 characters; at most 500 can be attached"):
        read(content, "x.txt", "whole", 500)
    found = read(content, "x.txt", "head", 500)
    assert (found.characters, found.lines, found.cut, len(found.text) <= 500) == (
        *(5_000, 1_000, True),
        True,
    )
    assert found.attachment.content == content
    assert "at most 4,000,000 can be attached" in refusal(b"12345678\n" * 500_000, "x.log")


def test_keys_in_what_is_sent_are_told() -> None:
    content = b"x\n" * 2_000 + b"password = 'hunter2!'\n"
    assert read(content, ".env").warnings == (
        "A .env file usually holds keys and passwords.",
        "Line 2,001 seems to have a password.",
    )
    assert read(content, "a.py", "head", 500).warnings == ()


async def test_process_reads_documents_and_outlives_what_breaks_it() -> None:
    """The job over the wire; a sheet that says it is huge takes the process with it."""
    worker = Worker()
    documents = Documents(worker)
    far = '<row r="1000000"><c r="ZZ1000000"><v>2</v></c></row>'
    try:
        huge = xlsx({"Far": row(1, 1) + far})
        with pytest.raises(UsageError, match=r"^far\.xlsx cannot be decoded here"):
            await documents.document_of(huge, DocumentWish(), "far.xlsx")
        with pytest.raises(UsageError, match="protected by a password") as refused:
            await documents.document_of(pdf("x", encrypted=True), DocumentWish(), "a.pdf")
        assert refused.value.hint == "Save a copy without it, and attach that."
        found = await documents.document_of(pdf("One", ""), DocumentWish(), "a.pdf")
    finally:
        await worker.aclose()
    assert (found.text, found.pages, len(found.warnings)) == ("[Page 1]\nOne\n", 2, 1)


async def test_files_are_read_and_told_apart(tmp_path: Path) -> None:
    documents = Documents(TestWorker())
    odd = tmp_path / os.fsdecode(b"odd\x1b\n\xff.txt")
    odd.write_bytes(b"words")
    found = await documents.document(odd, DocumentWish())
    assert (found.text, found.name) == ("words", "odd\x1b\n\ufffd.txt")
    assert (await documents.document(odd, DocumentWish(), "b.py")).part().language == "python"
    assert await documents.kind_of(odd) == "document"
    assert await documents.kind_of(tmp_path) == "folder"
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    assert await documents.kind_of(tmp_path / "a.png") == "picture"

    odd.write_bytes(b"\0\0")
    os.mkfifo(tmp_path / "pipe")
    for path in (odd, tmp_path / "pipe", tmp_path / "none", tmp_path / ("x" * 300), Path("\0")):
        with pytest.raises(UsageError) as refused:
            await documents.kind_of(path)
        assert not any(character in told(refused.value) for character in "\x1b\n\0")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.html"])
def test_damaged_bytes_give_text_or_a_refusal(name: str) -> None:
    content = SOUND[name]
    chance = Random(7)
    refused = []
    for _ in range(300):
        damaged = bytearray(content[: chance.choice((len(content), chance.randrange(9, 2_000)))])
        for _ in range(chance.randrange(1, 9)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            read(bytes(damaged), name)
        except UsageError as error:
            refused.append(error.message)
    assert all(message.startswith(name) for message in refused)
    assert refused or name == "a.html"
