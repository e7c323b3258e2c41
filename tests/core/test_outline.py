"""The outline of a conversation: the active path is straight, side branches stand further in."""

from chat_tui.core.conversation import ConversationTree, Extent, Node
from chat_tui.core.outline import OutlineRow, OutlineTexts, outline


def tree(*places: str, head: str | None = None, **deleted: Extent) -> ConversationTree:
    """A tree of places such as `a`, `b<a`: b follows a."""
    nodes = []
    for place in places:
        id_, _, parent = place.partition("<")
        nodes.append(Node(id_, parent or None, id_, "user", deleted=deleted.get(id_, "")))
    return ConversationTree(nodes, head)


def drawn(rows: list[OutlineRow]) -> list[str]:
    """Rows as `│ ├ id`, `*` behind those of the active path, `x` behind deleted ones."""
    return [
        "│" * (row.depth - row.opens)
        + "├" * row.opens
        + row.id
        + "*" * row.active
        + "x" * row.deleted
        for row in rows
    ]


def test_conversation_without_branches_is_one_column() -> None:
    assert drawn(outline(tree("a", "b<a", "c<b"))) == ["a*", "b*", "c*"]
    assert outline(tree()) == []


def test_active_path_is_straight_and_other_versions_stand_before_it() -> None:
    places = ("a", "b<a", "c<b", "d<a", "e<d", "f<a")
    rows = outline(tree(*places, head="e"))
    assert drawn(rows) == ["a*", "├b", "│c", "├f", "d*", "e*"]
    versions = {row.id: (row.version, row.versions) for row in rows}
    assert versions["b"] == (1, 3)
    assert versions["d"] == (2, 3)
    assert versions["f"] == (3, 3)
    assert versions["e"] == (1, 1)
    assert drawn(outline(tree(*places, head="c"))) == ["a*", "├d", "│e", "├f", "b*", "c*"]


def test_side_branches_within_side_branches_go_further_in() -> None:
    places = ("a", "b<a", "c<b", "d<b", "e<a")
    assert drawn(outline(tree(*places, head="e"))) == ["a*", "├b", "│├c", "│d", "e*"]


def test_several_first_messages_branch_at_the_top() -> None:
    assert drawn(outline(tree("a", "b<a", "c", head="c"))) == ["├a", "│b", "c*"]


def test_deleted_messages_are_shown_on_demand_where_they_were() -> None:
    deleted = tree("a", "b<a", "c<b", "d<a", "e<d", head="c", b="message", d="branch")
    assert drawn(outline(deleted)) == ["a*", "c*"]
    rows = drawn(outline(deleted, with_deleted=True))
    assert rows == ["a*", "├dx", "│ex", "bx", "c*"]


def test_everything_deleted_is_an_outline_of_what_was() -> None:
    deleted = tree("a", "b<a", a="branch")
    assert outline(deleted) == []
    assert drawn(outline(deleted, with_deleted=True)) == ["ax", "bx"]


def test_rows_are_found_by_all_of_the_words_in_any_case() -> None:
    rows = outline(tree("a", "b<a", "c<a", head="c"))
    texts = OutlineTexts()
    texts.add("a", "How do I sort\n\na LIST?")
    texts.add("b", "x" * 100 + " Use sorted(), it gives a list. \x1b[31m")
    found = texts.matching(rows, "list SORT")
    assert [(row.id, row.depth, row.opens) for row in found] == [("a", 0, False), ("b", 0, False)]
    assert texts.excerpt("a", "list") == "How do I sort a LIST?"
    assert texts.excerpt("b", "gives") == "…Use sorted(), it gives a list. ␛[31m"
    assert "c" not in texts
    assert texts.matching(rows, "nowhere") == []
