"""A list of names of which some may be chosen, or exactly one; a mark shows which, so that no colour is needed."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from unslouch.tui.bindings import binding
from unslouch.tui.widgets.paged_list import PagedList


class ChoiceList(PagedList):
    """Enter, Space or a click chooses a line or leaves it; of a list with exactly one choice it only chooses."""

    HELP = """\
## A list to choose from

Space or Enter chooses a line or leaves it, Tab goes to the next list. `●` is chosen.
"""
    DEFAULT_CSS = """
    ChoiceList, ChoiceList:focus { height: auto; border: none; padding: 0; background: transparent;
        background-tint: transparent; }
    ChoiceList:blur > .option-list--option-highlighted { background: transparent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("choices", "space", "select", "Choose", "Choose the highlighted line, or leave it.", False),
    ]

    class Changed(Message):
        """Something was chosen or left."""

    def __init__(self, titles: Mapping[str, str], chosen: Iterable[str], *, one: bool = False, id: str) -> None:
        """titles: what to show for each name. one: exactly one is chosen."""
        super().__init__(id=id)
        self._titles = dict(titles)
        self._chosen = set(chosen)
        self._one = one

    def on_mount(self) -> None:
        """Show the lines."""
        self.add_options([self._line(name) for name in self._titles])
        chosen = [place for place, name in enumerate(self._titles) if name in self._chosen]
        self.highlighted = chosen[0] if chosen else 0

    @property
    def chosen(self) -> list[str]:
        """The names that are chosen, in the order of the list."""
        return [name for name in self._titles if name in self._chosen]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose the line, or leave it."""
        event.stop()
        name = list(self._titles)[event.option_index]
        if self._one:
            self._chosen = {name}
        else:
            self._chosen ^= {name}
        for place, each in enumerate(self._titles):
            self.replace_option_prompt_at_index(place, self._line(each))
        self.post_message(self.Changed())

    def _line(self, name: str) -> Content:
        return Content(f"{'●' if name in self._chosen else '○'} {self._titles[name]}")
