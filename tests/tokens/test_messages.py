"""What is counted of a message: what is sent of it."""

from chat_tui.core.context.assembly import assemble
from chat_tui.core.context.items import Weight, item_of
from chat_tui.core.context.planning import plan_context
from chat_tui.core.estimate import PER_MESSAGE
from chat_tui.core.messages import ChatMessage, FilePart, ImagePart, TextPart, ToolCall
from chat_tui.tokens import get_encoding
from chat_tui.tokens.messages import Countable, of_message


def test_roles_are_one_token_in_each_vocabulary() -> None:
    roles = ("system", "user", "assistant", "tool", "developer")

    for name in ("o200k_base", "cl100k_base"):
        counts = [len(get_encoding(name).encode_ordinary(role)) for role in roles]

        assert counts == [1] * len(roles)


def test_texts_and_documents_are_counted_and_pictures_are_not() -> None:
    document = FilePart("ab", "notes.txt", text="All of it.")
    picture = ImagePart("cd", name="a.png", width=10, height=10)
    message = ChatMessage("1", "user", (TextPart("Read this."), document))

    assert of_message(message) == Countable(
        PER_MESSAGE, ("Read this.\n\nFile notes.txt:\n\n```\nAll of it.\n```",)
    )
    assert of_message(ChatMessage("1", "user", (*message.parts, picture))).texts == (
        "Read this.",
        "File notes.txt:\n\n```\nAll of it.\n```",
    )
    assert of_message(ChatMessage("1", "user", (picture,))) == Countable(PER_MESSAGE)


def test_calls_and_results_are_counted() -> None:
    call = ToolCall("call_1", "weather", '{"city": "Rome"}')
    asking = ChatMessage("1", "assistant", tool_calls=(call, call))
    result = ChatMessage("2", "tool", (TextPart("Sunny."),), tool_call_id="call_1", name="weather")

    assert of_message(asking) == Countable(
        PER_MESSAGE + 6, ("weather", '{"city": "Rome"}', "weather", '{"city": "Rome"}')
    )
    assert of_message(result) == Countable(PER_MESSAGE, ("Sunny.", "call_1"))


def test_a_name_costs_itself_and_one_more() -> None:
    message = ChatMessage("1", "user", (TextPart("Hi."),), name="ada")

    assert of_message(message) == Countable(PER_MESSAGE + 1, ("Hi.", "ada"))


def test_what_is_not_sent_is_not_counted() -> None:
    message = ChatMessage("1", "assistant", (TextPart("Yes."),), reasoning="Hm", refusal="No.")

    assert of_message(message) == Countable(PER_MESSAGE, ("Yes.",))


def test_a_refusal_is_sent_and_counted_where_there_is_no_answer() -> None:
    message = ChatMessage("1", "assistant", refusal="That I will not do.")
    prompts = [ChatMessage(id_, "user", (TextPart("Do it."),)) for id_ in ("0", "2")]
    path = [prompts[0], message, prompts[1]]
    plan = plan_context([item_of(each, Weight(10)) for each in path])
    sent = assemble(plan, {each.id: each for each in path})

    assert [each.text for each in sent] == ["Do it.", "That I will not do.", "Do it."]
    assert of_message(message) == Countable(PER_MESSAGE, ("That I will not do.",))


def test_an_estimate_has_all_texts() -> None:
    assert Countable(5, ("a" * 40, "b" * 80)).estimate == 5 + 10 + 20
