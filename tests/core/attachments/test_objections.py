"""What is said before pictures and documents are sent."""

from dataclasses import replace

from chat_tui.core.attachments.objections import objections
from chat_tui.core.attachments.prompts import Prompt
from chat_tui.core.messages import FilePart, ImagePart
from chat_tui.core.models import Fact, ModelCard

CAT = ImagePart("a" * 64, media_type="image/png", name="cat\x1b.png", width=800, height=600)
DOG = replace(CAT, sha256="b" * 64, name="")


def card(provider: str = "mine", model: str = "m", *, sees: bool | None = None) -> ModelCard:
    abilities = {} if sees is None else {"vision": Fact(sees, "list")}
    return ModelCard(provider, model, abilities=abilities)  # type: ignore[arg-type]


def kinds(prompt: Prompt, *cards: ModelCard, **sizes: int) -> list[str]:
    told = objections(prompt, cards, {name * 64: size for name, size in sizes.items()})
    return [each.kind for each in told]


def test_models_that_are_known_to_see_nothing_are_named_and_no_others() -> None:
    blind, seeing, unknown = card(model="x\x1b", sees=False), card(sees=True), card()
    (told,) = objections(Prompt("", (CAT,)), [blind, seeing, unknown])

    assert (told.kind, told.words) == ("no-vision", "x␛ sees no pictures.")
    assert told.hint
    two = objections(Prompt("", (CAT,)), [blind, card(model="y", sees=False)])
    assert [each.words for each in two] == ["x␛ and y see no pictures."]
    assert not kinds(Prompt("", (CAT,)), unknown, seeing)
    assert not kinds(Prompt("words", (FilePart("c" * 64, "a.txt", text="hi"),)), blind)


def test_too_many_or_too_large_pictures_are_told_by_the_limits_that_are_known() -> None:
    groq, claude = card("groq", "llama-4"), card("openrouter", "anthropic/claude-sonnet-4")
    six = Prompt("", tuple(replace(CAT, sha256=str(at) * 64) for at in range(6)))
    wide = Prompt("", (replace(CAT, width=9_000), DOG))

    assert kinds(six, groq) == ["too-many"]
    assert kinds(six, claude) == kinds(six, card()) == []
    assert kinds(wide, claude) == ["too-large"]
    (told,) = objections(wide, [claude])
    assert told.words == (
        "cat␛.png is 9,000×600 pixels; Anthropic takes at most 8,000 on the longer side."
    )
    (heavy,) = objections(Prompt("", (DOG,)), [claude], {DOG.sha256: 4_100_000})
    assert heavy.words.endswith("has 4.1 MB; Anthropic takes at most 3.9 MB for a picture.")
    assert kinds(Prompt("", (DOG,)), card(), b=64_000_000) == []
    assert kinds(Prompt("", (CAT, DOG)), groq, a=2_000_000, b=2_000_000) == ["too-large"]


def test_many_pictures_may_have_fewer_pixels_each() -> None:
    claude = card("anthropic", "claude-1")
    pictures = [replace(CAT, sha256=f"{at:064}", width=2_500) for at in range(21)]
    (told,) = objections(Prompt("", tuple(pictures)), [claude])

    assert told.words == (
        "Of more than 20 pictures, Anthropic takes none with over 2,000 pixels a side."
    )
    assert not kinds(Prompt("", tuple(pictures[1:])), claude)
    small = [replace(each, width=2_000) for each in pictures]
    assert not kinds(Prompt("", tuple(small)), claude)
    huge = [*small[1:], replace(CAT, width=9_000)]
    assert kinds(Prompt("", tuple(huge)), claude) == ["too-large"]


def test_limits_of_one_provider_are_told_once_and_those_of_the_blind_not_at_all() -> None:
    wide = Prompt("", (replace(CAT, width=9_000),))
    one, two = card("anthropic", "claude-1"), card("anthropic", "claude-2")

    assert kinds(wide, one, two) == ["too-large"]
    assert kinds(wide, replace(one, abilities={"vision": Fact(False, "list")})) == ["no-vision"]


def test_what_a_provider_does_not_read_is_told_and_addresses_are_its_own_business() -> None:
    moving = replace(CAT, media_type="image/gif")
    (told,) = objections(Prompt("", (moving,)), [card("gemini", "gemini-2.5-flash")])

    assert told.kind == "format"
    assert "is GIF; Gemini takes HEIC, JPEG, PNG, WebP." in told.words
    address = ImagePart(url="https://a.example/b.gif", media_type="image/gif", width=99_999)
    assert not kinds(Prompt("", (address,)), card("gemini", "gemini-2.5-flash"))


def test_keys_in_documents_are_told_without_their_values() -> None:
    key = "sk-proj-" + "A1b2C3d4" * 6
    document = FilePart("d" * 64, "settings.txt", text=f"one\nOPENAI_API_KEY={key}\n")
    (told,) = objections(Prompt("", (document,)), [card()])

    assert told.kind == "secret"
    assert told.words.startswith("settings.txt: ")
    assert "2" in told.words
    assert key not in told.words
