"""`ask -i`, `ask -f`, and what comes on standard input: what a server receives of them.

Runs are few and hold several checks each: a program that attaches something takes half a second.
"""

import json
import os
import re
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chat_tui.cli.reply_pictures import make_folder, save_pictures
from chat_tui.core.attachments.values import attachment_of
from chat_tui.core.errors import StorageError
from chat_tui.core.messages import ImagePart
from chat_tui.storage import Store
from tests.cli.helpers import COMMAND, Program
from tests.servers import Request, ThreadedServer, stream, whole
from tests.ui.pictures import picture_bytes, placed_exif

PIXELS = [(x * 40 % 256, x * 90 % 256, x * 17 % 256) for x in range(30)]


def painted(format_: str, **options: Any) -> bytes:
    """A picture of 6×5 different pixels."""
    image = Image.new("RGB", (6, 5))
    image.putdata(PIXELS)
    target = BytesIO()
    image.save(target, format_, **options)
    return target.getvalue()


def shown(content: bytes) -> tuple[tuple[int, int], list[Any]]:
    """Size and pixels of a file, as Pillow decodes them."""
    with Image.open(BytesIO(content)) as image:
        decoded = image.convert("RGB")
        return decoded.size, list(decoded.tobytes())


def reply(_request: Request) -> Any:
    return stream("Seen.")


@pytest.fixture
def server() -> Iterator[ThreadedServer]:
    with ThreadedServer(reply, prompts_only=True) as server:
        yield server


def asked(server: ThreadedServer) -> list[dict[str, Any]]:
    """The parts of the prompt that the server received last."""
    content = json.loads(server.requests[-1].body)["messages"][-1]["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def pictures(server: ThreadedServer) -> list[tuple[str, bytes]]:
    """Media type and bytes of the pictures in it."""
    urls = [each["image_url"]["url"] for each in asked(server) if each["type"] == "image_url"]
    found = [re.fullmatch(r"data:([^;]+);base64,(.*)", url) for url in urls]
    return [(each[1], b64decode(each[2])) for each in found if each is not None]


def test_the_pixels_that_arrive_are_those_of_the_files(
    program: Program, server: ThreadedServer, tmp_path: Path
) -> None:
    whole_files = {
        "a.png": painted("PNG"),
        "b.jpg": painted("JPEG", exif=placed_exif()),
        "c.gif": painted("GIF"),
        "d.webp": painted("WEBP", lossless=True),
    }
    converted = {"e.bmp": painted("BMP"), "f.tiff": painted("TIFF")}
    files = whole_files | converted
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    words = [word for name in files for word in ("-i", str(tmp_path / name))]
    done = program.run("ask", "--base-url", server.base_url, "-m", "m", "What?", *words)

    assert (done.returncode, done.stdout) == (0, "Seen.\n"), done.stderr
    assert asked(server)[0] == {"type": "text", "text": "What?"}
    got = pictures(server)
    # Where nothing is known of a server it gets what every server reads.
    assert [kind for kind, _ in got[:3]] == ["image/png", "image/jpeg", "image/png"]
    for (_, arrived), content in zip(got, files.values(), strict=True):
        assert shown(arrived) == shown(content)
    assert b"Exif" not in got[1][1]
    assert "e.bmp" in done.stderr
    assert {kind for kind, _ in got[3:]} == {"image/png"}


def test_detail_addresses_and_turned_pictures(
    program: Program, server: ThreadedServer, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "it's [turned].jpg").write_bytes(painted("JPEG", exif=exif.tobytes()))
    address = "https://pictures.example/a.png?x=1"
    done = program.run(
        *("ask", "--base-url", server.base_url, "-m", "m", "--detail", "low", "What?"),
        *("-i", address, "-i", (tmp_path / "it's [turned].jpg").as_uri()),
    )

    assert done.returncode == 0, done.stderr
    _, linked, turned = asked(server)
    assert linked["image_url"] == {"url": address, "detail": "low"}
    assert turned["image_url"]["detail"] == "low"
    ((_, arrived),) = pictures(server)
    with Image.open(tmp_path / "it's [turned].jpg") as image:
        expected = image.transpose(Image.Transpose.ROTATE_270).convert("RGB")
    assert shown(arrived)[0] == expected.size == (5, 6)


def test_documents_arrive_fenced_and_folders_without_what_is_ignored(
    program: Program, server: ThreadedServer, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "a.py").write_text("print('```')\n")
    (folder / "b.log").write_text("ignored")
    (folder / "long.txt").write_bytes("Zeile ä\n".encode("latin-1") * 4000)
    (folder / "pixel.png").write_bytes(picture_bytes(2, 2))
    done = program.run(
        *("ask", "--base-url", server.base_url, "-m", "m", "Explain.", "-f", str(folder)),
        *("--max-chars", "1000"),
    )

    assert done.returncode == 0, done.stderr
    text = "\n".join(each["text"] for each in asked(server) if each["type"] == "text")
    assert "File project/a.py:\n\n````python\nprint('```')\n" in text
    assert "ignored" not in text
    assert "Zeile ä" in text
    assert len(text) < 1500
    assert len(pictures(server)) == 1
    assert "3 files" in done.stderr
    assert "left out" in done.stderr


def test_a_picture_and_a_document_on_standard_input_are_attached(
    program: Program, server: ThreadedServer
) -> None:
    def piped(content: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = [*COMMAND, "ask", "--base-url", server.base_url, "-m", "m", *words]
        environ = program.environ()
        return subprocess.run(
            command, input=content, capture_output=True, env=environ, timeout=30, check=False
        )

    picture = painted("PNG")
    done = piped(picture, "What?")
    assert done.returncode == 0, done.stderr
    assert [shown(each) for _, each in pictures(server)] == [shown(picture)]
    done = piped(b"def f():\n    pass\n", "Explain.", "-f", "-")
    assert done.returncode == 0, done.stderr
    (whole_prompt,) = (each["text"] for each in asked(server))
    assert whole_prompt.startswith("Explain.\n\nFile stdin.txt:")
    assert piped(b"", "What?", "-i", "-").returncode == 2


def test_what_cannot_be_attached_is_named_and_nothing_is_sent(
    program: Program, server: ThreadedServer, tmp_path: Path
) -> None:
    (tmp_path / "cut.png").write_bytes(painted("PNG")[:60])
    (tmp_path / "page.png").write_text("<html>")
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-abcdefghijklmnopqrstuvwxyz123456\n")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "odd\x1b]0;x\x07.png").write_bytes(b"")
    for option, name, words in (
        ("-i", "missing.png", "missing.png"),
        ("-i", "cut.png", "cut.png"),
        ("-i", "page.png", "page.png"),
        ("-i", "pipe.png", "pipe.png"),
        ("-i", "", "is a folder"),
        ("-i", "odd\x1b]0;x\x07.png", "odd"),
        ("-f", ".env", "--send-secrets"),
        ("-f", "nothing/*.md", "nothing"),
    ):
        done = program.run(
            *("ask", "--base-url", server.base_url, "-m", "m", "--json", "What?"),
            *(option, str(tmp_path / name)),
        )
        assert (done.returncode, done.stdout) == (2, ""), (name, done.stderr)
        assert words in done.stderr
        assert "\x1b" not in done.stderr
        assert "sk-abc" not in done.stderr
    assert server.requests == []
    done = program.run(
        *("ask", "--base-url", server.base_url, "-m", "m", "What?", "--send-secrets"),
        *("-f", str(tmp_path / ".env")),
    )
    assert done.returncode == 0
    assert "sk-abc" in asked(server)[0]["text"]


def test_a_model_that_sees_no_pictures_is_told_and_asked_all_the_same(
    program: Program, server: ThreadedServer, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(painted("PNG"))
    config = program.home / "config"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(
        f'[providers.mine]\nbase_url = "{server.base_url}"\nabilities = {{ m = ["tools"] }}\n'
    )
    picture = ("-i", str(tmp_path / "a.png"))
    done = program.run("ask", "--provider", "mine", "-m", "m", "What?", *picture)

    assert done.returncode == 0, done.stderr
    assert "m sees no pictures" in done.stderr
    assert len(pictures(server)) == 1


def test_pictures_of_the_answer_are_saved_beside_what_is_there(
    program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    for _ in range(2):
        done = program.run("ask", "--demo", "/picture", "--save-images", str(folder))
        assert done.returncode == 0, done.stderr
    saved = sorted(folder.iterdir())
    assert len(saved) == 2
    assert saved[0].read_bytes() == saved[1].read_bytes()
    assert shown(saved[0].read_bytes())[1]
    got = program.json("ask", "--demo", "--json", "/picture")
    assert len(got["images"]) == 1
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "in it"):
        done = program.run("ask", "--demo", "/picture", "--save-images", str(place))
        assert (done.returncode, done.stdout) == (2, "")
        assert "cannot be saved" in done.stderr


async def test_a_picture_that_cannot_be_written_is_an_error(
    tmp_path: Path,
) -> None:
    picture = attachment_of(painted("PNG"), "image/png")
    folder = tmp_path / "saved"
    make_folder(folder)
    async with Store(None) as store:
        await store.save_attachments([picture])
        name = f"../../{'ä' * 200}.png"
        part = ImagePart(picture.sha256, "", "image/png", name)
        for _ in range(2):
            await save_pictures(store, [part], folder)
        names = ["ä" * 80 + ".png", "ä" * 80 + "-2.png"]
        assert sorted(os.listdir(folder)) == sorted(names)  # noqa: PTH208
        with pytest.raises(StorageError, match="cannot be saved"):
            await save_pictures(store, [part], folder / names[0])
    assert (folder / names[1]).read_bytes() == picture.content


def test_what_is_too_long_is_refused_with_the_names_of_documents(
    program: Program, server: ThreadedServer, tmp_path: Path
) -> None:
    (tmp_path / "long.txt").write_text("some words " * 5_000)
    target = ("--base-url", server.base_url, "--window", "8192")
    for models in (("-m", "m"), ("-m", "m", "-m", "n")):
        done = program.run("ask", *target, *models, "What?", "-f", str(tmp_path / "long.txt"))
        assert done.returncode == 5, done.stderr
        assert "Attached: long.txt (55,000 characters)." in done.stderr
    assert server.requests == []


def test_an_answer_read_whole_and_one_sent_again_have_their_pictures(
    program: Program, tmp_path: Path
) -> None:
    def script(_request: Request) -> Any:
        return whole("Seen.")

    (tmp_path / "a.png").write_bytes(content := painted("PNG"))
    with ThreadedServer(script, prompts_only=True) as server:
        target = ("--base-url", server.base_url, "-m", "m")
        path = str(tmp_path / "a.png")
        first = program.json("ask", *target, "--json", "--no-stream", "What?", "-i", path)
        (tmp_path / "a.png").unlink()
        again = ("--conversation", first["conversation"], "And now?")
        assert program.run("ask", *target, *again).returncode == 0
        messages = json.loads(server.requests[-1].body)["messages"]
        exported = program.run("export", first["conversation"]).stdout
    url = messages[0]["content"][1]["image_url"]["url"]
    assert shown(b64decode(url.partition(",")[2])) == shown(content)
    assert url.partition(",")[2] in exported
