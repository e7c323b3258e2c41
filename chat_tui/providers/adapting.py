"""Which field a refusal is about, and how to ask again where the app chose it itself.

Pure: the client repeats what is to be repeated.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from chat_tui.core.errors import BadRequestError, ChatError
from chat_tui.core.memory import Learnt
from chat_tui.providers.wire import ALTERNATE, ROLES, Encoded

_STATUSES = frozenset({400, 422})
_REFUSES = re.compile(
    r"un(?:supported|known|recogni[sz]ed|expected)|not (?:supported|permitted|allowed|enabled)"
    r"|(?:does|do) not support|extra (?:inputs|fields)|additional propert|no such|instead",
    re.IGNORECASE,
)
_NO_OPTIONS = "The server does not take stream_options; it may report no usage."
_NO_STREAM = "The model does not send its answer piece by piece; it comes whole."
_STREAM_WORDS = re.compile(r"""\bstreaming\b|\bto stream\b|['"`]stream['"`]""", re.IGNORECASE)
_SPELLINGS = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_ROLES = {"developer": "system", "system": "user"}
"""What to try where a role of the system prompt is refused."""
_ROLE_WORDS = re.compile(r"\brole\b|developer instruction", re.IGNORECASE)
_TURNS = re.compile(r"\broles?\b[^.]{0,60}\balternat|\balternat[^.]{0,40}\broles?\b", re.IGNORECASE)
_TAKE_TURNS = "The model wants prompts and answers to take turns; neighbours were sent as one."
_ROLE_BEFORE = re.compile(r"""\broles?["'`]?:? ?\Z""", re.IGNORECASE)

_COMMON = frozenset({"n", "stop", "user", "seed", "stream", "tools", "model"})
"""Names that are also plain words: they count in quotes, before a colon, or called a field."""
_CALLED = r"(?:argument|parameter|field|property|option|input|param|key|body)s?(?: supplied)?"
_PHRASES: Mapping[str, re.Pattern[str]] = {
    "tools": re.compile(
        r"tool (?:use|calls?|calling|choice)|function calling|support tools", re.IGNORECASE
    ),
    "response_format": re.compile(r"json.?(?:mode|schema|object)|structured output", re.IGNORECASE),
    "reasoning_effort": re.compile(r"\bthinking\b|reasoning effort", re.IGNORECASE),
    "logprobs": re.compile(r"log ?prob(?:abilitie)?s", re.IGNORECASE),
}
"""How servers speak of a parameter without naming it."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """Another way to ask, after a refusal of a field that the app chose itself."""

    name: str
    """What was refused, as `Learnt` names it."""
    spelling: str
    """How it is spelt from now on; empty: it is left out."""
    message: str
    """A sentence for the user."""

    def applied(self, learnt: Learnt) -> Learnt:
        """What is known of the model with this."""
        if self.spelling:
            return replace(learnt, spellings={**learnt.spellings, self.name: self.spelling})
        return replace(learnt, left_out=learnt.left_out | {self.name})


def adapt(encoded: Encoded, error: ChatError) -> Adaptation | None:
    """How to ask again; None where the refusal is about something else.

    Args:
        encoded: the request that was refused.
        error: the refusal.
    """
    if not isinstance(error, BadRequestError) or error.status not in _STATUSES:
        return None
    own, words = encoded.own_fields, f"{error.param or ''} {error.message}"
    if "stream_options" in own and "stream_options" in words:
        return Adaptation("stream_options", "", _NO_OPTIONS)
    refuses = _REFUSES.search(error.message) is not None
    for sent, other in _SPELLINGS.items():
        if refuses and sent in own and re.search(rf"\b{sent}\b", words):
            return _respelt("max_tokens", "max_tokens", other)
    if encoded.neighbours and _TURNS.search(error.message):
        return Adaptation(ROLES, ALTERNATE, _TAKE_TURNS)
    role = encoded.system_role
    if refuses and role in _ROLES and _ROLE_WORDS.search(words) and role in words.lower():
        return _respelt("system", "the role of the system prompt", _ROLES[role])
    no_stream = error.param == "stream" or (refuses and _STREAM_WORDS.search(words))
    # "n > 1 is not supported with streaming" is about n, if that was asked for.
    if "stream" in own and no_stream and refused_parameter(error, encoded.sent) is None:
        return Adaptation("stream", "", _NO_STREAM)
    return None


def refused_parameter(error: BadRequestError, sent: Collection[str]) -> str | None:
    """The parameter that a refusal is about; None where it names none that was sent.

    Args:
        error: the refusal.
        sent: the names of the parameters that the user set, as they were spelt in the request.
    """
    if error.status not in _STATUSES:
        return None
    named = re.split(r"[.\[]", (error.param or "").removeprefix("body."))[0]
    if named in sent:
        return named
    found = [(place, name) for name in sent if (place := _mention(name, error.message)) is not None]
    if found:
        return min(found)[1]
    spoken = (name for name, phrase in _PHRASES.items() if phrase.search(error.message))
    return next((name for name in spoken if name in sent), None)


def _respelt(name: str, what: str, spelling: str) -> Adaptation:
    return Adaptation(name, spelling, f"The model wants {what} spelt {spelling}; it was sent so.")


def _mention(name: str, words: str) -> int | None:
    """Where a name is mentioned as a field; None where it is not."""
    shown = re.escape(name)
    marked = rf"""['"`‘“]{shown}['"`’”.\[]|\bbody\.{shown}\b|(?:^|[:;,] ){shown}: """
    marked += rf"|\b{_CALLED}:? {shown}\b"
    bare = "" if name in _COMMON else rf"|(?<![\w-]){shown}\b"
    for match in re.finditer(marked + bare, words):
        # "messages with role 'user'" speaks of a role.
        if not _ROLE_BEFORE.search(words[max(0, match.start() - 10) : match.start()]):
            return match.start()
    return None
