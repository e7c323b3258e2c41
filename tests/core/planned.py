"""A window of the app whose models have windows, and servers that hold to them."""

from collections.abc import AsyncGenerator, Mapping

from chat_tui.core.context.planner import ContextPlanner
from chat_tui.core.context.policy import ContextPolicy
from chat_tui.core.conversation import ConversationTree, node_of
from chat_tui.core.errors import ContextError
from chat_tui.core.events import ReplyEvent, ReplyFinished, TextDelta, UsageReported
from chat_tui.core.memory import ForgetfulMemory
from chat_tui.core.messages import ChatMessage, Role, Usage, text_parts
from chat_tui.core.requests import ChatRequest
from chat_tui.core.targets import Prices
from tests.core.windows import OTHER, Window
from tests.fakes import TARGET, ScriptedClient, Step, TableFacts, WordCounter

ONE, TWO = str(TARGET), str(OTHER)
"""The two models, as tables name them."""


class PlannedWindow(Window):
    """A window whose planner counts words.

    Args:
        scripts: of the replies, as of a `ScriptedClient`.
        windows: target as text → the size of its context window.
        policy: of all conversations.
        prices: target as text → what it costs.
        client: answers in place of the scripts.
        planner: plans.
    """

    def __init__(
        self,
        *scripts: list[Step],
        windows: Mapping[str, int] | None = None,
        policy: ContextPolicy = ContextPolicy(),
        prices: Mapping[str, Prices] | None = None,
        client: ScriptedClient | None = None,
        planner: type[ContextPlanner] = ContextPlanner,
    ) -> None:
        self.counter = WordCounter()
        self.facts = TableFacts(windows, prices)
        self.learnt = ForgetfulMemory()
        made = planner(self.counter, self.facts, self.learnt, lambda: policy)
        super().__init__(*scripts, planner=made, client=client)

    @property
    def requests(self) -> list[ChatRequest]:
        """All that were sent, oldest first."""
        return self.client.requests

    async def seed(self, turns: int, words: int, *, system_prompt: str = "") -> None:
        """Let the conversation have a past."""
        path: list[ChatMessage] = []
        roles: tuple[Role, Role] = ("user", "assistant")
        for number in range(turns):
            turn = f"t{number}"
            for role in roles:
                id_ = f"{role}{number}"
                parent = path[-1].id if path else None
                parts = text_parts(said(words, f"{role} {number}"))
                path.append(ChatMessage(id_, role, parts, parent, turn))
        self.chat = self.manager.start(TARGET, system_prompt=system_prompt)
        await self.store.add_messages(self.chat.conversation, path)
        self.chat.stored = True
        self.chat.tree = ConversationTree(map(node_of, path))


class StrictClient(ScriptedClient):
    """A server that refuses prompts larger than its window, and reports what it read.

    Args:
        window: words.
        answers: words of each answer.
    """

    def __init__(self, window: int, answers: int = 300) -> None:
        super().__init__()
        self.window = window
        self._answers = answers
        self._counter = WordCounter()

    def size(self, request: ChatRequest) -> int:
        """Words of a request, and what each message costs."""
        model = request.target.model
        return sum(self._counter.weigh(each, model).tokens for each in request.messages)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ReplyEvent, None]:
        """See `ChatClient.stream`."""
        self.requests.append(request)
        size = self.size(request)
        if size > self.window:
            raise ContextError(f"Too large: {size}.", window=self.window)
        yield TextDelta(said(self._answers, f"reply {len(self.requests)}"))
        yield UsageReported(Usage(size, self._answers))
        yield ReplyFinished("stop")


def said(words: int, first: str = "") -> str:
    """A text of so many words."""
    begin = first.split()
    return " ".join([*begin, *(f"w{at}" for at in range(words - len(begin)))])
