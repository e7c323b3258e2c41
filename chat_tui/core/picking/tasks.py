"""What for: the guide's selection of models by task and effort, as data."""

from collections.abc import Sequence
from typing import Literal, get_args

from chat_tui.core.picking.rows import ModelRow

Task = Literal["text", "image", "code", "document"]
TASKS: tuple[Task, ...] = get_args(Task)

Effort = Literal["low", "medium", "high"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)


def suited(rows: Sequence[ModelRow], task: Task, effort: Effort) -> Sequence[ModelRow]:
    """The models that suit, best first.

    Those that the guide names and their successors, then what can do the task (images: vision;
    documents: a large window), by price as the effort wants it.
    """
    raise NotImplementedError
