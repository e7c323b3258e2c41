"""What code blocks are called as files, and that nothing is overwritten unasked."""

from pathlib import Path

import pytest

from chat_tui.ui.code_files import is_file, path_of, proposed_name, shown_path, write_code
from chat_tui.ui.markdown import CodeBlock


def _block(info: str, source: str = "x = 1") -> CodeBlock:
    return CodeBlock(info.split(maxsplit=1)[0] if info else "", source, 0, 1, info)


@pytest.mark.parametrize(
    ("info", "source", "expected"),
    [
        ("python", "x = 1", "code-2.py"),
        ("Rust", "fn main() {}", "code-2.rs"),
        ("", "words", "code-2.txt"),
        ("dockerfile", "FROM x", "Dockerfile"),
        ('python title="src/app.py"', "x", "app.py"),
        ("ts:lib/util.ts", "x", "util.ts"),
        ("js filename=server.js", "x", "server.js"),
        ("python main.py", "x", "main.py"),
        ("python", "# tools/run_all.py\nx = 1", "run_all.py"),
        ("c", "/* main.c */\nint x;", "main.c"),
        ("html", "<!-- index.html -->\n<p>", "index.html"),
        ("yaml", "# file: deploy.yml\na: 1", "deploy.yml"),
        ("python", "# Computes 3.14 or so\nx = 1", "code-2.py"),
        ("sh title=../../.bashrc.sh", "x", "bashrc.sh"),
        ("sh title=/etc/cron.d/job.sh", "x", "job.sh"),
        ("sh", "# ..\\..\\evil.sh\n", "evil.sh"),
        ("sh title=" + "x" * 9 + "." + "y" * 76 + ".sh", "x", "y" * 76 + ".sh"),
        ("x\u202e", "x", "code-2.txt"),
    ],
)
def test_name_is_the_one_given_or_one_by_the_language(
    info: str, source: str, expected: str
) -> None:
    assert proposed_name(_block(info, source), 2) == expected


def test_file_holds_the_code_and_is_not_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    write_code(path, "x = 1\n\ty = '中'", replace=False)
    assert path.read_bytes() == "x = 1\n\ty = '中'\n".encode()
    with pytest.raises(FileExistsError):
        write_code(path, "other", replace=False)
    write_code(path, "other\n", replace=True)
    assert path.read_text() == "other\n"
    assert is_file(path)
    assert not is_file(tmp_path)
    assert not is_file(tmp_path / ("long" * 100))


def test_paths_are_seen_from_the_working_folder_and_told_from_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert path_of("a.py") == path_of("~/a.py") == tmp_path / "a.py"
    assert path_of("/x/a.py") == Path("/x/a.py")
    assert path_of("~nobody-of-that-name/a").name == "a"
    assert shown_path(tmp_path / "sub" / "a\u202e.py") == "~/sub/a<U+202E>.py"
    assert shown_path(Path("/x/a.py")) == "/x/a.py"
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert path_of("a.py") == Path("a.py")
