"""Models that answer beside each other on the screen, each by a script of its own."""

from collections.abc import Iterable, Sequence

from chat_tui.core.targets import Target
from chat_tui.ui.screens.conversation.pane_row import Pane
from tests.fakes import TARGET, ScriptedClient, SimpleClientSource, Step, answer, eventually
from tests.ui.rig import Rig

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")


class Models:
    """Models, each at a provider of its own with a script of its own."""

    def __init__(self, *scripts: Sequence[Iterable[Step]]) -> None:
        self.targets = [Target(f"at-{name}", name) for name in NAMES[: len(scripts)]]
        self.clients = {
            target.provider: ScriptedClient(*script)
            for target, script in zip(self.targets, scripts, strict=True)
        }
        everybody = {**self.clients, TARGET.provider: ScriptedClient(answer("alone"))}
        self.source = SimpleClientSource(everybody)

    def told(self, name: str) -> list[str]:
        """What the newest request to a model holds, without its system prompt."""
        request = self.clients[f"at-{name}"].requests[-1]
        return [each.text for each in request.messages if each.role != "system"]

    def asked(self, name: str) -> int:
        """How often a model was asked."""
        return len(self.clients[f"at-{name}"].requests)


def says(*texts: str) -> list[list[Step]]:
    """One answer after the other, in two deltas each."""
    return [answer(text[:2], text[2:]) for text in texts]


def last_texts(rig: Rig) -> list[str]:
    """The text that each column ends with."""
    return [_text(pane) for pane in rig.screen.panes.panes]


def _text(pane: Pane) -> str:
    column = pane.transcript.column
    message = column.message(len(column) - 1) if len(column) else None
    return message.text if message is not None else ""


def states(rig: Rig) -> list[str]:
    return [pane.head.state for pane in rig.screen.panes.panes]


async def begin(rig: Rig, targets: Sequence[Target]) -> None:
    await rig.screen.sides.start(targets)
    await eventually(lambda: len(rig.screen.panes.panes) == len(targets))
    await rig.pilot.pause()
