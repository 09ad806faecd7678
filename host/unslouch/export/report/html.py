"""HTML: elements, tables and figures as text. Everything that comes from data is escaped here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import NamedTuple

Markup = str
"""HTML that is ready to be written."""


def text(value: object) -> Markup:
    """Return a value as text that means nothing to HTML."""
    return escape(str(value), quote=True)


def element(name: str, *children: Markup, **attributes: object) -> Markup:
    """Return an element. `class_` is the attribute class, `_` in names is `-`; an attribute None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(children)}</{name}>"


class Cells(StrEnum):
    """How the cells after the first column of a table are set; the value is the class that style.css knows."""

    NUMBERS = "numbers"
    """To the right, on one line."""
    MANY_NUMBERS = "numbers many"
    """The same, closer together: a dozen columns fit a laptop and a sheet of paper."""
    WORDS = "words"
    """To the left, on one line."""
    SENTENCES = "sentences"
    """To the left, on as many lines as they take."""


class DataTable(NamedTuple):
    """A table: headings, and rows of texts as long as they are. The first column names the row."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    cells: Cells = Cells.NUMBERS


def table(data: DataTable, caption: str) -> Markup:
    """Return a table in a box that scrolls sideways where the page is narrow."""
    head = element("tr", *(element("th", text(heading), scope="col") for heading in data.headings))
    body = "".join(
        element(
            "tr",
            element("th", text(row[0]), scope="row"),
            *(element("td", text(cell)) for cell in row[1:]),
        )
        for row in data.rows
    )
    markup = element(
        "table",
        element("caption", text(caption), class_="unseen"),
        element("thead", head),
        element("tbody", body),
        class_=data.cells.value,
    )
    return element("div", markup, class_="scroll", tabindex="0", role="region", aria_label=caption)


@dataclass(frozen=True)
class Figure:
    """A chart, what it shows in a sentence, and the numbers behind it."""

    title: str
    chart: Markup
    caption: str
    data: DataTable | None = None
    """None where the chart is a table itself."""

    def render(self) -> Markup:
        """Return the figure with its numbers folded away below it."""
        behind = ""
        if self.data is not None and self.data.rows:
            behind = element(
                "details", element("summary", "Numbers of this chart"), table(self.data, f"Numbers: {self.title}")
            )
        return element(
            "figure", element("h3", text(self.title)), self.chart, element("figcaption", text(self.caption)), behind
        )


def section(title: str, *parts: Markup, lead: str = "", is_folded: bool = False) -> Markup:
    """Return a section with a heading; an empty one without any part is left out.

    is_folded: all that it holds is folded away, so paper, where nothing unfolds, goes without it.
    """
    content = [part for part in parts if part]
    if not content:
        return ""
    key = title.lower().replace(" ", "-")
    return element(
        "section",
        element("h2", text(title), id=key),
        element("p", text(lead), class_="lead") if lead else "",
        *content,
        aria_labelledby=key,
        class_="folded" if is_folded else None,
    )


def bullets(sentences: Iterable[str]) -> Markup:
    """Return a list of sentences; nothing without any."""
    items = [element("li", text(sentence)) for sentence in sentences]
    return element("ul", *items) if items else ""
