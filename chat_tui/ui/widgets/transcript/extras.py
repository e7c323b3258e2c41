"""What comes with a reply besides its text, in words."""

from chat_tui.core.extras import Picture, Source
from chat_tui.core.safety import clean_line
from chat_tui.core.texts import text


def source_words(number: int, source: Source) -> str:
    """A source in a line, with its number."""
    url = clean_line(source.url, code=True)
    if title := clean_line(source.title).strip():
        return text("transcript.source", number=number, title=title, url=url)
    return text("transcript.source-untitled", number=number, url=url)


def picture_words(picture: Picture) -> str:
    """A picture in a line, by its facts."""
    kind = clean_line(picture.media_type, code=True) or text("transcript.picture-kind")
    facts = [clean_line(picture.url, code=True) or kind]
    if picture.size is not None:
        facts.append(text("transcript.size", size=max(round(picture.size / 1000), 1)))
    return text("transcript.picture", facts=", ".join(facts))
