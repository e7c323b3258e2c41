"""Chooses among what the snapshots say of one model: each fact from the first that says it.

`genai-prices` comes first for windows and prices, unless both others agree that it is outdated.
Where snapshots disagree about an ability, it can: models learn, and lists lag. Not so whether it
reasons, which LiteLLM says of whole families.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from chat_tui.core.models import ABILITIES
from chat_tui.tokens.models import encoding_name, own_encoding, parse_name
from tests.model_catalogue.genai_prices import Priced
from tests.model_catalogue.saying import NO_PRICES, Prices, Saying, undated

_IN_NAMES = re.compile(r"(20[12]\d)-?(\d\d)-?(\d\d)(?:\Z|-)")
_YEAR_AND_MONTH = re.compile(r"-(2[3-9])(0[1-9]|1[0-2])\Z")
"""How Mistral dates its models."""
_OUTDATED = 1.1
"""By how much larger both others call a window that has grown."""
_ROUNDED = 1.05
"""By how much smaller a window may be for a rounded one."""
_LATE = 100
"""Days that a date in a name may be away from the day when the model came out."""

_READ = tomllib.loads(Path(__file__).with_name("facts.toml").read_text("utf-8"))
_GONE = re.compile("|".join(_READ["gone"]))
_FAMILIES = [(each["name"], re.compile(f"(?:{each['models']})")) for each in _READ["tokenizers"]]


def window_of(
    model: Priced, said: Mapping[str, Saying], elsewhere: Mapping[str, int]
) -> tuple[int | None, str]:
    """A window, and who says it: `genai-prices`, unless that is outdated or a round figure.

    Args:
        model: what `genai-prices` says.
        said: what others say.
        elsewhere: windows that a gateway lists, for models of which nobody else says one.
    """
    if (window := model.window) is None:
        if any(each.window for each in said.values()):
            return first_of(said, lambda each: each.window)
        found = next((elsewhere[name] for name in sorted(model.names) if name in elsewhere), None)
        return found, "g" if found else "-"
    exact = agreed_window(said) or 0
    if is_outdated(window, said) or window < exact <= window * _ROUNDED:
        return first_of(said, lambda each: each.window)
    return window, "g"


def agreed_window(said: Mapping[str, Saying]) -> int | None:
    """The window on which all agree that say one."""
    windows = {each.window for each in said.values() if each.window}
    return windows.pop() if len(windows) == 1 else None


def is_outdated(window: int | None, said: Mapping[str, Saying]) -> bool:
    """Whether both others call it much larger: then what it costs has changed, too."""
    larger = [each for each in said.values() if (each.window or 0) > (window or 0) * _OUTDATED]
    return window is not None and len(larger) == 2


def prices_of(model: Priced, said: Mapping[str, Saying], *, free: bool) -> tuple[Prices, str]:
    """Prices, and who says them: `genai-prices`, unless it is outdated or both others agree.

    Args:
        model: what `genai-prices` says.
        said: what others say.
        free: whether what is free there is only a trial.
    """
    given = [
        (each.prices, letter)
        for letter, each in said.items()
        if None not in each.prices[:2] and (any(each.prices) or not free)
    ]
    if given and (model.prices[:2] == (None, None) or is_outdated(model.window, said)):
        return given[0]
    if len(given) == 2 and given[0][0][:2] == given[1][0][:2] != model.prices[:2]:
        return given[0]
    return (model.prices, "g") if model.prices[:2] != (None, None) else (NO_PRICES, "-")


def first_of(
    said: Mapping[str, Saying], get: Callable[[Saying], int | None]
) -> tuple[int | None, str]:
    """The first count that is said, and who says it."""
    found = ((get(each), letter) for letter, each in said.items() if get(each))
    return next(found, (None, "-"))


def abilities_of(said: Mapping[str, Saying]) -> tuple[str, str]:
    """Their first letters, large for what it can and small for what it cannot; and who says it."""
    letters = sources = ""
    for ability in ABILITIES:
        words = {
            s: each.abilities[ability] for s, each in said.items() if ability in each.abilities
        }
        first = next(iter(words.values()), False)
        can = first if ability == "reasoning" else any(words.values())
        sources += next((source for source, word in words.items() if word == can), "-")
        if words:
            letters += ability[0].upper() if can else ability[0]
    return letters, sources


def released_of(id_: str, said: Saying | None) -> tuple[str, str]:
    """When a model came out, and who says it; a date in its name holds where that is far off."""
    name, days = parse_name(id_).name, _READ["released"]
    if found := days.get(name) or days.get(undated(name)):
        return str(found), "f"
    named = _date_in(id_)
    if said is not None and said.released and not (named and _are_apart(said.released, named)):
        return said.released, "m"
    return (named, "n") if named else ("", "-")


def _date_in(name: str) -> str:
    """The day, or the month, that a name ends with, in ISO form; empty where there is none."""
    if found := _IN_NAMES.search(name):
        try:
            return date(*map(int, found.groups())).isoformat()
        except ValueError:
            return ""
    found = _YEAR_AND_MONTH.search(name)
    return f"20{found[1]}-{found[2]}" if found else ""


def _are_apart(day: str, other: str) -> bool:
    days = [date.fromisoformat(f"{each}-01"[:10]) for each in (day, other)]
    return abs((days[0] - days[1]).days) > _LATE


def is_gone(model: str) -> bool:
    """Whether a model that snapshots list is not there to be chosen any more."""
    return _GONE.fullmatch(model) is not None


def vocabulary_of(model: str) -> str:
    """The vocabulary that a model counts with, or the family of it; empty where nobody says."""
    if own_encoding(model):
        return encoding_name(model)
    name = parse_name(model).name
    return next((family for family, names in _FAMILIES if names.match(name)), "")
