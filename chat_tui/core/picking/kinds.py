"""The words for tasks, efforts and orders; light, since each run of a command reads them."""

from typing import Literal, get_args

Task = Literal["text", "image", "code", "document"]
TASKS: tuple[Task, ...] = get_args(Task)

Effort = Literal["low", "medium", "high"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)

Order = Literal["relevance", "name", "price", "window", "released"]
"""Price: the cheapest first; window: the largest; released: the newest; unknown ones last."""

ORDERS: tuple[Order, ...] = get_args(Order)
