"""What is known of a provider, in words."""

from dataclasses import fields

from textual.content import Content

from chat_tui.core.safety import clean_line
from chat_tui.core.targets import Prices, ProviderProfile, Quirks, Target, TimeLimits
from chat_tui.core.texts import text
from chat_tui.ui.desk import ProviderRow
from chat_tui.ui.screens.providers.fields import without_secret
from chat_tui.ui.widgets.text_lines import hanging, padded

_NAME_WIDTH = 13
_PRICES_SHOWN = 8


def provider_details(row: ProviderRow, width: int, used: Target | None = None) -> Content:
    """All of a provider, a line for each fact; never a key, nor the values of headers.

    Args:
        row: the provider.
        width: cells of a line.
        used: where prompts go now, if they go to this provider.
    """
    profile = row.profile
    name = clean_line(profile.label or profile.name, code=True)
    lines = [Content.styled(name, "bold $accent"), Content("")]
    key_style = "" if row.ready else "$warning"
    facts = [
        ("name", profile.name, ""),
        ("url", shown_url(profile.base_url), ""),
        ("key", row.key if profile.wants_key else text("providers.needs-no-key"), key_style),
        ("model", _model(profile, used), ""),
        ("headers", ", ".join(profile.headers), ""),
        ("proxy", without_secret(profile.proxy), ""),
        ("ca", profile.ca_file, ""),
        ("limits", _limits(profile.limits), ""),
        ("at-once", str(profile.max_concurrency or ""), ""),
        ("http", text("providers.http-allowed") if profile.allow_http else "", "$warning"),
        ("quirks", _quirks(profile.quirks), ""),
    ]
    lines += [_fact(fact, value, style, width) for fact, value, style in facts if value]
    lines += _prices(profile)
    return Content("\n").join(lines)


def shown_url(url: str) -> str:
    """An address without what may be secret in it: user, password and query."""
    place, mark, _ = without_secret(url).partition("#")[0].partition("?")
    return place + ("?…" if mark else "")


def price_told(into: float | None, out: float | None) -> str:
    """Dollars for a million tokens in and out: `$0.15/$0.6`; empty where neither is known."""
    if into is None and out is None:
        return ""
    if into == 0 and out == 0:
        return text("providers.free")
    return "/".join("?" if each is None else f"${each:.3g}" for each in (into, out))


def _model(profile: ProviderProfile, used: Target | None) -> str:
    if used is not None and used.model and used.model != profile.default_model:
        return text("providers.model-in-use", model=used.model)
    return profile.default_model or text("providers.no-model")


def _fact(name: str, value: str, style: str, width: int) -> Content:
    label = padded(text(f"provider-fact.{name}"), _NAME_WIDTH)
    told = hanging(clean_line(value, code=True), _NAME_WIDTH, width)
    return Content.assemble((label, "$foreground 60%"), (told, style))


def _limits(limits: TimeLimits) -> str:
    """The time-outs that are not as always."""
    usual = TimeLimits()
    return ", ".join(
        f"{each.name.replace('_', ' ')} {getattr(limits, each.name):g} s"
        for each in fields(TimeLimits)
        if getattr(limits, each.name) != getattr(usual, each.name)
    )


def _quirks(quirks: Quirks) -> str:
    """The quirks that are not as always."""
    usual = Quirks()
    told: list[str] = []
    for each in fields(Quirks):
        value = getattr(quirks, each.name)
        if value != getattr(usual, each.name):
            shown = ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
            told.append(f"{each.name.replace('_', ' ')}: {shown.lower()}")
    return "; ".join(told)


def _prices(profile: ProviderProfile) -> list[Content]:
    if not profile.prices:
        return []
    lines = [Content(""), Content.styled(text("providers.prices"), "bold")]
    for model, prices in list(profile.prices.items())[:_PRICES_SHOWN]:
        lines.append(Content(f"{clean_line(model, code=True)}  {_price_line(prices)}"))
    more = len(profile.prices) - _PRICES_SHOWN
    if more > 0:
        told = text("providers.more-prices", count=more)
        lines.append(Content.styled(told, "$foreground 60%"))
    return lines


def _price_line(prices: Prices) -> str:
    told = price_told(prices.input, prices.output)
    if prices.cached is not None:
        told += " " + text("providers.cached-price", price=f"${prices.cached:.3g}")
    return told
