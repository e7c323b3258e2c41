"""The job that decodes a picture into a few pixels, for the screen."""

from typing import Any, BinaryIO

from chat_tui.media.worker.decoding import decoded, stored_box, told_as_damage, turned
from chat_tui.media.worker.encoding import fitted, into_box, on_colour
from chat_tui.media.worker.preparing import open_source


def pixels(arguments: dict[str, Any], file: BinaryIO) -> tuple[dict[str, Any], bytes]:
    """Decode a picture into `width` × `height` pixels at the most, on a `background`.

    Returns:
        Its width and height, and three bytes a pixel.

    Raises:
        UsageError: it is damaged, or too large.
        MemoryError: it would need too much.
    """
    source = open_source(arguments["name"], file)
    looked = source.looked
    seen = fitted(looked.seen, (arguments["width"], arguments["height"]))
    box = stored_box(looked, seen)
    picture = decoded(looked, file, source.read, source.name, box)
    with told_as_damage(source.name):
        small = turned(into_box(picture, box), looked)
        flat = on_colour(small, arguments["background"]).convert("RGB")
        return {"width": flat.width, "height": flat.height}, flat.tobytes()
