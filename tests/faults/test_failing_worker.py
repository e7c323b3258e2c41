"""Row 24 of the table of faults: an exception in a worker is told, and the app goes on."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import chat_tui.ui
from chat_tui.core.events import TextDelta
from chat_tui.core.messages import Status
from tests.fakes import Step, answer, eventually
from tests.ui.rig import running

UI = Path(chat_tui.ui.__path__[0])
SECRET = "sk-canary-0123456789"


@pytest.mark.parametrize(
    ("came", "status"),
    [([], "error"), ([TextDelta("the first half")], "interrupted")],
    ids=["before", "after"],
)
async def test_exception_in_a_turn_is_told_and_the_next_turn_works(
    tmp_path: Path, came: list[Step], status: Status
) -> None:
    script = [*came, ValueError(SECRET)]
    async with running(tmp_path, script, answer("well again")) as rig:
        failed = await rig.ask("first")
        await eventually(lambda: "failed" in rig.drawn())
        told = rig.drawn() + "".join(rig.toasts)

        again = await rig.ask("second")
        assert "well again" in rig.drawn()
        prompts = [message.text for message in await rig.path() if message.role == "user"]

    assert (failed.status, failed.text) == (status, "the first half" if came else "")
    assert failed.error is not None
    assert (again.status, again.text) == ("complete", "well again")
    assert prompts == ["first", "second"]
    assert SECRET not in told + "".join(rig.backend.reports)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """What starts workers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # `@work` alone cannot say it.
            assert not any(
                isinstance(each, ast.Name) and each.id == "work" for each in node.decorator_list
            ), node.name
        if isinstance(node, ast.Call) and (
            (isinstance(node.func, ast.Name) and node.func.id == "work")
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "run_worker")
        ):
            yield node


def test_no_worker_may_end_the_app() -> None:
    found = 0
    for file in UI.rglob("*.py"):
        for call in calls(ast.parse(file.read_text())):
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert given.get("exit_on_error") == "False", f"{file.name}:{call.lineno}"
            found += 1

    assert found > 10


async def test_exception_in_another_worker_is_told(tmp_path: Path) -> None:
    async with running(tmp_path, answer("one"), answer("two")) as rig:
        await rig.ask("first")

        async def fail() -> None:
            raise RuntimeError(SECRET)

        rig.screen.run_worker(fail(), exit_on_error=False)
        await eventually(lambda: bool(rig.toasts))
        told = "".join(rig.toasts)
        again = await rig.ask("second")

    assert again.text == "two"
    assert SECRET not in told
