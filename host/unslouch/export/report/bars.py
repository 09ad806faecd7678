"""Bars: labels with a bar as long as their share of the whole, and the value."""

from collections.abc import Sequence
from typing import NamedTuple

from .html import Markup, element, text


class Bar(NamedTuple):
    """One part of a whole."""

    label: str
    value: float
    class_: str
    """The class of its colour."""
    amount: str
    """The value as text; the share follows it."""
    note: str = ""
    """A line below the amount."""


def bars(entries: Sequence[Bar]) -> Markup:
    """Return the parts of a whole, each with a bar as long as its share: the track is 100 %."""
    whole = sum(bar.value for bar in entries) or 1
    return element("div", *(_row(bar, bar.value / whole) for bar in entries), class_="bars")


def share_text(share: float) -> str:
    """Return a share in whole per cent; a little one is not rounded to nothing."""
    return "< 1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"


def _row(bar: Bar, share: float) -> Markup:
    fill = element("span", class_=bar.class_, style=f"width:{share * 100:.1f}%") if bar.value else ""
    note = element("small", text(bar.note)) if bar.note else ""
    return (
        element("span", text(bar.label))
        + element("span", fill, class_="bar", aria_hidden="true")
        + element("span", text(f"{bar.amount} · {share_text(share)}"), note, class_="amount")
    )
