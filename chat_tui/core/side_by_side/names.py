"""What targets beside each other are called."""

import json
from collections import Counter
from collections.abc import Sequence

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Target
from chat_tui.core.texts import text

_LONGEST = 24
"""Characters of a parameter's value that are shown."""

_ABSENT = object()


def names_of(targets: Sequence[Target]) -> list[str]:
    """Short clean names that tell targets apart.

    The model; with its provider, where another one has a model of that name; with the parameters
    in which it differs, where the same model is there more than once; with a number, where nothing
    else tells it apart.
    """
    models = Counter(target.model for target in {str(each): each for each in targets}.values())
    names = [
        clean_line(target.model if models[target.model] == 1 else str(target), code=True)
        for target in targets
    ]
    for name in {name for name, count in Counter(names).items() if count > 1}:
        places = [at for at, each in enumerate(names) if each == name]
        for at, told in zip(places, _differences([targets[at] for at in places]), strict=True):
            names[at] = " · ".join(filter(None, (name, told)))
    seen: Counter[str] = Counter()
    counts = Counter(names)
    for at, name in enumerate(names):
        seen[name] += 1
        if counts[name] > 1:
            names[at] = f"{name} · {seen[name]}"
    return names


def _differences(targets: Sequence[Target]) -> list[str]:
    """In what targets of one model differ, for each of them; empty where it has none of it."""
    parameters = dict.fromkeys(name for target in targets for name in target.parameters)
    differing = [
        name
        for name in parameters
        if any(
            target.parameters.get(name, _ABSENT) != targets[0].parameters.get(name, _ABSENT)
            for target in targets
        )
    ]
    prompts = len({target.system_prompt for target in targets}) > 1
    return [
        ", ".join(
            [
                *(
                    f"{clean_line(name, code=True)} {_value(target.parameters[name])}"
                    for name in differing
                    if name in target.parameters
                ),
                *([text("comparison.own-system")] if prompts and target.system_prompt else []),
            ]
        )
        for target in targets
    ]


def _value(value: object) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    words = clean_line(words, code=True)
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
