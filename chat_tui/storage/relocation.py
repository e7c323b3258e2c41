"""When the database's file is removed or replaced while it is open.

The open connection still reads and writes the file that it opened, name or no name. So nothing is
lost: the content is copied out of it first. Where the name is free the copy takes it. Where
another file has it, that one is opened (and never overwritten), the conversations that this
session wrote to are added to it, and the copy stays beside it.
"""

import time
from collections.abc import Iterable
from pathlib import Path

from chat_tui.core.attachments.values import Attachment
from chat_tui.core.drafts import Draft
from chat_tui.storage.opening import Opened, Source, open_file
from chat_tui.storage.place import Place, create_private, free_name, put_in_place
from chat_tui.storage.reading import Carried
from chat_tui.storage.sqlite import Database

_Drafts = dict[str, tuple[Draft, float]]
"""By conversation, each with the time at which it was written."""


def relocate(source: Source, database: Database, place: Place, touched: Iterable[str]) -> Opened:
    """Open the database anew under its name, with everything that the lost file had of ours.

    Args:
        source: how to open it.
        database: the open one; it is closed only when its content is safe in a copy.
        place: the files that it has open.
        touched: the conversations that this session wrote to.

    Raises:
        sqlite3.Error, OSError: there is no room for the copy, or the folder is closed; the
            open database is as it was, unless it is closed already and its content in a copy.
    """
    copy = _copied(database, place.path)
    touched = tuple(touched)
    carried = [each for id_ in touched if (each := database.carried(id_)) is not None]
    drafts = {id_: database.draft(id_) for id_ in touched}
    attachments = [each for draft, _ in drafts.values() for each in database.attached_to(draft)]
    database.checkpoint()
    database.close()
    place.remove_leftovers()
    try:
        put_in_place(copy, place.path)
    except FileExistsError:
        return _joined(open_file(source), carried, drafts, attachments, copy)
    notice = f"{place.path} was removed while it was open. It has been written back."
    return open_file(source)._replace(notice=notice)


def _copied(database: Database, path: Path) -> Path:
    copy = free_name(path, "replaced")
    create_private(copy)
    try:
        database.copy_to(str(copy))
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _joined(
    opened: Opened,
    carried: list[Carried],
    drafts: _Drafts,
    attachments: list[Attachment],
    copy: Path,
) -> Opened:
    """Add conversations to another database; what it has of them already stays."""
    if opened.refusal is None:
        opened.database.save_attachments(attachments, time.time())
        opened.database.add_all(carried)
        for id_, (draft, at) in drafts.items():
            if at > opened.database.draft(id_)[1]:
                opened.database.save_draft(id_, draft, at)
    path = opened.place.path if opened.place else ""
    notice = (
        f"{path} was replaced while it was open. The conversations of this session were added to "
        f"the new one; the old one is kept as {copy}."
    )
    return opened._replace(notice=f"{opened.notice} {notice}".strip())
