"""Which of the two addresses below a base URL has the API, over restarts."""

from dataclasses import replace

from chat_tui.core.memory import ModelMemory
from chat_tui.providers.endpoints import Endpoint

_ALL_MODELS = ""
"""The name under which what holds for all models of a provider is kept."""


def roots_in_order(endpoint: Endpoint, memory: ModelMemory | None, provider: str) -> list[str]:
    """Where to ask, the place first that answered last time.

    Args:
        endpoint: of the provider; an address that is none of its own is not asked.
        memory: what is known.
        provider: its name.
    """
    known = memory.learnt(provider, _ALL_MODELS).root if memory is not None else ""
    return sorted(endpoint.roots, key=lambda root: root != known)


def learn_root(
    root: str, endpoint: Endpoint, memory: ModelMemory | None, provider: str, *, sure: bool
) -> None:
    """Keep where a provider answered.

    Args:
        root: the place; the first one is where everybody begins, so it is kept only over another.
        endpoint: of the provider.
        memory: where it is kept.
        provider: its name.
        sure: whether a prompt was answered. A list of models may be elsewhere: its place is kept
            only where none is known.
    """
    if memory is None:
        return
    learnt = memory.learnt(provider, _ALL_MODELS)
    known = learnt.root if learnt.root in endpoint.roots else ""
    if root != (known or endpoint.roots[0]) and (sure or not known):
        memory.learn(provider, _ALL_MODELS, replace(learnt, root=root))
