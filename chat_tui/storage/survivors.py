"""Trees from which messages go: what stays, and where it hangs then."""

from collections.abc import Callable, Iterable

from chat_tui.core.conversation import Extent, Node


def survivors(
    nodes: Iterable[Node], deleted: Callable[[Node], Extent]
) -> dict[str | None, str | None]:
    """Where one comes to from each message once the deleted ones are gone.

    Args:
        nodes: parents before their children.
        deleted: how much goes at a node.

    Returns:
        For each id itself where it stays, else the nearest message above that does (None where
        there is none); so the new parent of one that stays is what its old parent has here.
    """
    places: dict[str | None, str | None] = {None: None}
    gone: set[str | None] = set()
    for node in nodes:
        extent = deleted(node)
        if extent == "branch" or node.parent in gone:
            gone.add(node.id)
        elif not extent:
            places[node.id] = node.id
            continue
        places[node.id] = places.get(node.parent)
    return places
