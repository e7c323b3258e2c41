"""What is said of models in lists: prices, and why one suits a task."""

from chat_tui.core.figures import short_count
from chat_tui.core.picking.kinds import Task
from chat_tui.core.picking.tasks import Suited
from chat_tui.core.texts import text


def price_words(dollars: float) -> str:
    """A price for a million tokens, without a sign: "0", "0.075", "0.15", "2.50", "150"."""
    if dollars >= 100 or dollars <= 0:
        return f"{max(dollars, 0):,.0f}"
    if dollars >= 1:
        return f"{dollars:.2f}"
    words = f"{dollars:.4f}".rstrip("0")
    return words + "0" * (4 - len(words)) if float(words) else "<0.0001"


def reason_words(suited: Suited, task: Task) -> str:
    """Why a model suits a task, in a few words; clean."""
    reason, card = suited.reason, suited.row.card
    if reason.kind == "guide":
        return text("picking.guide")
    if reason.kind == "successor":
        return text("picking.successor", name=reason.instead)
    words = []
    if reason.kind == "code":
        words.append(text("picking.code"))
    if task == "image":
        words.append(text("picking.image"))
    if task == "document" and card.window is not None:
        words.append(text("picking.document", window=short_count(card.window.value)))
    if card.input_price is not None:
        words.append(text("picking.price", dollars=price_words(card.input_price.value)))
    return ", ".join(words) or text("picking.fits")
