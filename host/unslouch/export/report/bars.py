"""Bars: labels with a bar as long as their value, and the value."""

from collections.abc import Sequence

from .html import Markup, element, text


def bars(entries: Sequence[tuple[str, float, str, str]]) -> Markup:
    """Return bars of (label, value, class of the colour, the value as text), as long as their share of the greatest."""
    greatest = max((value for _, value, _, _ in entries), default=0) or 1
    cells = [
        element("span", text(label))
        + element(
            "span",
            element("span", class_=class_, style=f"width:{value / greatest * 100:.1f}%"),
            class_="bar",
            aria_hidden="true",
        )
        + element("span", text(shown), class_="amount")
        for label, value, class_, shown in entries
    ]
    return element("div", *cells, class_="bars")
