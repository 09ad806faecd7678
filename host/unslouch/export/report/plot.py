"""Plot: the frame of a chart. Shapes are SVG that stretches with the page; labels are text beside it, which doesn't."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .html import Markup, element, text

WIDTH = 1000
"""Shapes are drawn from 0 to WIDTH and from 0 to the height of their plot, whatever size the page shows."""


class Tick(NamedTuple):
    """A label on an axis, at 0 to 1 from the left or the top."""

    at: float
    label: str
    is_minor: bool = False
    """Left out on a narrow page."""


def number(value: float) -> str:
    """Return a coordinate, short."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def rectangle(x: float, y: float, width: float, height: float, class_: str, title: str = "") -> Markup:
    """Return a rectangle; its title shows when the pointer rests on it."""
    inner = element("title", text(title)) if title else ""
    return element("rect", inner, x=number(x), y=number(y), width=number(width), height=number(height), class_=class_)


def rectangles(places: Iterable[tuple[float, float, float, float]], class_: str) -> Markup:
    """Return rectangles of one class, given as (x, y, width, height), as one shape."""
    path = "".join(f"M{number(x)},{number(y)}h{number(w)}v{number(h)}h{number(-w)}z" for x, y, w, h in places)
    return element("path", d=path, class_=class_)


def polyline(points: Sequence[tuple[float, float]], class_: str) -> Markup:
    """Return a line through points."""
    return element("polyline", points=" ".join(f"{number(x)},{number(y)}" for x, y in points), class_=class_)


def polygon(points: Sequence[tuple[float, float]], class_: str) -> Markup:
    """Return an area within points."""
    return element("polygon", points=" ".join(f"{number(x)},{number(y)}" for x, y in points), class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """Return a straight line."""
    return element("line", x1=number(x1), y1=number(y1), x2=number(x2), y2=number(y2), class_=class_)


def plot(
    shapes: Iterable[Markup],
    height: int,
    alt: str,
    *,
    x_ticks: Sequence[Tick] = (),
    y_ticks: Sequence[Tick] = (),
    shown_height_rem: float = 12.0,
) -> Markup:
    """Return a chart of shapes with labels below and to the left. alt: what it shows, for those who can't see it."""
    svg = element(
        "svg",
        *shapes,
        viewBox=f"0 0 {WIDTH} {height}",
        preserveAspectRatio="none",
        role="img",
        aria_label=alt,
        focusable="false",
    )
    return element(
        "div",
        element("div", *(_label(tick, "top") for tick in y_ticks), class_="y", aria_hidden="true"),
        element("div", svg, class_="canvas", style=f"height:{number(shown_height_rem)}rem"),
        element("div", *(_label(tick, "left") for tick in x_ticks), class_="x", aria_hidden="true"),
        class_="plot" if y_ticks else "plot bare",
    )


def _label(tick: Tick, side: str) -> Markup:
    return element(
        "span", text(tick.label), style=f"{side}:{tick.at * 100:.2f}%", class_="minor" if tick.is_minor else None
    )


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """Return a legend of (class of the shape, its name)."""
    items = (
        element("li", element("span", class_=f"swatch {class_}", aria_hidden="true"), text(name))
        for class_, name in entries
    )
    return element("ul", *items, class_="legend")
