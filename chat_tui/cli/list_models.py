"""`chat-tui models`: the models that there are, found and ordered as the picker does it."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import NamedTuple

from chat_tui.cli import loop
from chat_tui.cli.choosing import Choice, choose
from chat_tui.cli.compose import Setup, load_setup, say_trouble, stored
from chat_tui.cli.facts import KnownModels
from chat_tui.cli.model_table import Line, as_json, as_table
from chat_tui.cli.models import ModelLists
from chat_tui.cli.options import ModelsOptions
from chat_tui.cli.output import say, say_error, write_out
from chat_tui.cli.rows import LIST_SECONDS, ModelRows, Wanted, ready_profiles
from chat_tui.core.clock import SystemClock
from chat_tui.core.errors import (
    ErrorInfo,
    ReplyTimeoutError,
    StorageError,
    UsageError,
    exit_code_for,
)
from chat_tui.core.model_choices import ModelUse, Place
from chat_tui.core.picking.finding import Finder
from chat_tui.core.picking.kinds import TASKS
from chat_tui.core.picking.query import Query, parse_query
from chat_tui.core.picking.rows import Listing, ModelRow, in_order
from chat_tui.core.picking.tasks import Reason, suited
from chat_tui.providers.clients import Clients
from chat_tui.storage.learnt import LearntFile
from chat_tui.storage.model_choices import StoredChoices
from chat_tui.storage.model_lists import ModelListCache

ROWS = 50
"""Rows that are shown where nobody says how many."""

PATIENCE = 30.0
"""Seconds that the list of a provider is waited for that the user names."""


def run(options: ModelsOptions) -> int:
    """Print the list; gives the exit code.

    Raises:
        UsageError: a word of the command line or the settings is wrong.
        ClosedOutputError, StorageError: standard output cannot be written.
    """
    query = _query(options)
    if options.effort is not None and options.task is None:
        raise UsageError(
            "--effort says how hard a task is, but none is named.",
            hint=f"Add --for {', '.join(TASKS[:-1])} or {TASKS[-1]}.",
        )
    setup = load_setup(os.environ)
    for problem in setup.problems:
        say(problem)
    choice = choose(options.target, setup.settings, setup.profiles, setup.environ)
    found = loop.run(_gather(options, setup, choice))
    lines = _lines(found.listing.rows, query, options)
    limit = options.limit if options.limit is not None else 0 if options.json else ROWS
    shown = lines[:limit] if limit else lines
    write_out(as_json(shown) if options.json else as_table(shown, options.task))
    if found.shipped:
        say(_nothing_set_up(found.listing.rows))
    if not lines and found.listing.rows:
        say("No model fits. Leave a word or a condition out; `chat-tui models --help` has them.")
    elif options.limit is None and len(shown) < len(lines):
        say(f"These are {len(shown)} of {len(lines)}; --limit 0 shows all.")
    if found.listing.trouble is None:
        return 0
    say_error(found.listing.trouble)
    return exit_code_for(found.listing.trouble.kind) if found.wanted else 0


def _query(options: ModelsOptions) -> Query:
    query = parse_query(" ".join(options.words))
    if query.wrong:
        raise UsageError(
            f"Not understood: {', '.join(query.wrong)}.",
            hint="chat-tui models --help has the conditions that there are.",
        )
    return replace(query, favourites=True) if options.favourites else query


class _Found(NamedTuple):
    """The models that there are."""

    listing: Listing
    wanted: bool = False
    """Whether the user asked for a provider's list: then it must be there."""
    shipped: bool = False
    """Whether nothing is configured, and these are the catalogue's."""


async def _gather(options: ModelsOptions, setup: Setup, choice: Choice) -> _Found:
    clock, paths, profile = SystemClock(), setup.paths, choice.profile
    named = options.target.names_provider
    nothing = choice.by == "nothing"
    memory = LearntFile(paths.state / "learnt.json")
    clients = Clients(setup.profiles, setup.environ, clock, memory=memory)
    clients.add(profile)
    # What is kept is enough: refreshing an old list would only end with the command.
    lists = ModelLists(clients, ModelListCache(paths.cache / "models"), clock, renew=False)
    wanted = named or options.refresh
    async with AsyncExitStack() as closing:
        closing.push_async_callback(clients.aclose)
        closing.push_async_callback(lists.aclose)
        rows = ModelRows(
            lists, KnownModels(clients, memory, clock, lists), PATIENCE if wanted else LIST_SECONDS
        )
        uses = await _uses(setup)
        own = setup.settings.providers
        ready = ready_profiles(setup.profiles, setup.environ, own)
        ready = [profile, *(each for each in ready if each.name != profile.name)]
        asked = "" if nothing else profile.name
        place = [Place(profile.name, choice.model)]
        if named:
            ready = [profile]
        found = await rows.gather(Wanted(ready, asked, place, uses, options.refresh))
        if found.asking:
            found = found._replace(trouble=_silence(profile.label or profile.name))
        if options.everything or (nothing and not named):
            known = {row.place for row in found.rows}
            shipped = await rows.shipped(setup.profiles.values(), uses)
            more = [row for row in shipped if row.place not in known]
            found = found._replace(rows=in_order([*found.rows, *more], asked))
    return _Found(found, wanted, nothing)


async def _uses(setup: Setup) -> Mapping[Place, ModelUse]:
    """Favourites, and what was used; nothing is made where there is no database yet."""
    if not setup.paths.database.exists():
        return {}
    async with stored(setup.paths) as store:
        try:
            return await StoredChoices(store).uses()
        except StorageError as error:
            if not say_trouble(store):
                say_error(error)
            return {}


def _silence(provider: str) -> ErrorInfo:
    return ReplyTimeoutError(
        f"{provider} did not send its list of models in time.",
        hint="Try again with --refresh.",
    ).info


def _lines(rows: Sequence[ModelRow], query: Query, options: ModelsOptions) -> list[Line]:
    """What is found, in its order, with the reasons where a task is named."""
    reasons: dict[Place, Reason] = {}
    if options.task is not None:
        best = suited(rows, options.task, options.effort or "medium")
        reasons = {each.row.place: each.reason for each in best}
        rows = [each.row for each in best]
    found = Finder(rows).find(query, order=options.order)
    return [Line(match.row, reasons.get(match.row.place)) for match in found]


def _nothing_set_up(rows: Sequence[ModelRow]) -> str:
    date = next(filter(None, (row.card.catalogue_date for row in rows)), "")
    return (
        "No provider is set up: the models are those that the app knows"
        f"{f', as of {date}' if date else ''}. `chat-tui doctor` shows which keys it looks for."
    )
