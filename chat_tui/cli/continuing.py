"""Which conversation `ask` goes on with, and whom it asks there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chat_tui.cli.choosing import Choice, choose, key_variables
from chat_tui.cli.compose import Setup, stored
from chat_tui.cli.lookup import find, newest
from chat_tui.cli.options import AskOptions
from chat_tui.cli.parameters import merged
from chat_tui.core.context.policy import ContextPolicy, parse_policy, policy_text
from chat_tui.core.conversation import Conversation
from chat_tui.core.errors import UsageError
from chat_tui.core.messages import ChatMessage
from chat_tui.core.ports import ConversationChanges
from chat_tui.core.settings import Settings, policy_of
from chat_tui.core.shelf import switched
from chat_tui.core.side_by_side.board import MOST
from chat_tui.core.targets import DEMO, ProviderProfile, Target
from chat_tui.storage import Store


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a prompt goes to."""

    targets: tuple[Target, ...]
    """One for each model; a model may still be empty."""
    profile: ProviderProfile
    """The provider of all of them."""


async def load(options: AskOptions, store: Store) -> Conversation | None:
    """The conversation to continue; None for a new one.

    Raises:
        UsageError: there is none of this id, or none at all.
        StorageError: it cannot be read.
    """
    if options.conversation:
        return await find(store, options.conversation)
    return await store.conversation(await newest(store)) if options.continue_newest else None


async def copy_into_memory(options: AskOptions, setup: Setup, memory: Store) -> Conversation | None:
    """The same for `--no-save`: the conversation is copied, and the stored one stays as it is."""
    if not (options.conversation or options.continue_newest):
        return None
    async with stored(setup.paths) as store:
        conversation = await load(options, store)
        if conversation is None:
            return None
        messages: Sequence[ChatMessage] = await store.messages(
            [node.id for node in await store.nodes(conversation.id)]
        )
    await memory.add_messages(conversation, messages)
    return conversation


def recipients(
    options: AskOptions,
    setup: Setup,
    conversation: Conversation | None,
    parameters: Mapping[str, Any],
) -> Recipients:
    """Whom to ask: who is named, else who answered in the conversation, else as configured.

    A conversation is never sent to another provider than its own without being told so, and
    keeps its parameters wherever it is sent.

    Args:
        options: of the command line.
        setup: settings and providers.
        conversation: the one that goes on, if one does.
        parameters: changes to its parameters, or to the defaults; None takes one out.

    Raises:
        UsageError: nobody is named or configured, who is does not exist, or the parameters may
            not be sent together.
    """
    own = conversation.target if conversation is not None and conversation.targets else None
    if own is not None and not options.target.names_provider and not options.target.api_key_env:
        profile, base = _own_profile(own, setup), own
    else:
        choice = choose(options.target, setup.settings, setup.profiles, setup.environ)
        if choice.by == "nothing":
            raise _nothing_configured(setup)
        profile, base = choice.profile, _in_conversation(choice, own)
    # What is said now holds, also where the model had a system prompt of its own.
    own_prompt = base.system_prompt if options.system is None else None
    parameters = merged(base.parameters, parameters)
    base = replace(base, parameters=parameters, system_prompt=own_prompt)
    models = options.models or (base.model,)
    if len(models) > MOST:
        raise UsageError(f"At most {MOST} models can be asked at once.", hint="Name fewer with -m.")
    return Recipients(tuple(replace(base, model=model) for model in models), profile)


def with_window(
    profile: ProviderProfile, targets: Sequence[Target], window: int
) -> ProviderProfile:
    """A provider whose models that are asked have so many tokens, whatever anybody says."""
    named = {target.model: window for target in targets}
    return replace(profile, windows={**profile.windows, **named})


def changed_policy(options: AskOptions, policy: ContextPolicy) -> ContextPolicy:
    """A policy with what the command line says of it."""
    if options.context_policy is not None:
        policy = replace(policy, overflow=options.context_policy)
    if options.max_history is not None:
        policy = replace(policy, max_history=options.max_history)
    return policy


def changes_of(
    options: AskOptions, settings: Settings, conversation: Conversation, targets: Sequence[Target]
) -> ConversationChanges:
    """What a run changes of the conversation that it goes on with, before anything is sent.

    Several models change whom it asks only when they are asked.
    """
    changes: ConversationChanges = {}
    if len(targets) == 1 and not conversation.targets:
        changes["targets"] = tuple(targets)
    elif len(targets) == 1 and conversation.target != targets[0]:
        changes = switched(conversation, targets[0])
    if options.system is not None:
        changes["system_prompt"] = options.system
    default = policy_of(settings)
    before = parse_policy(conversation.policy, default)
    if (policy := changed_policy(options, before)) != before:
        changes["policy"] = policy_text(policy, default)
    return changes


def _in_conversation(choice: Choice, own: Target | None) -> Target:
    """The chosen target; the parameters of a conversation stay, and at its provider the model."""
    if own is None:
        return choice.target
    if own.provider != choice.profile.name:
        return replace(choice.target, parameters=own.parameters)
    return own if own.model else replace(own, model=choice.model)


def _own_profile(own: Target, setup: Setup) -> ProviderProfile:
    if own.provider == DEMO and setup.settings.provider != DEMO:
        raise UsageError(
            "This conversation is with the built-in demo.",
            hint="Add --demo to go on with it, or name a provider with --provider.",
        )
    profile = setup.profiles.get(own.provider)
    if profile is None:
        raise UsageError(
            f"This conversation is with {own.provider}, which is no provider of the settings.",
            hint="Give its --base-url again, or name another provider with --provider.",
        )
    return profile


def _nothing_configured(setup: Setup) -> UsageError:
    variables = key_variables(setup.profiles)
    return UsageError(
        "No provider is configured, so there is nobody to ask.",
        hint=f"Set {variables[0]} (or another provider's key), name a server with --base-url, "
        f"set `provider` in {setup.paths.config_file}, or try --demo.",
    )
