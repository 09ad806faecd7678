"""The list of profiles (named calibrations): selects one as the active one, or renames one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from unslouch.errors import UnslouchError
from unslouch.link.model import Profile
from unslouch.sensor.profiles import rename_profile
from unslouch.tui.bindings import binding
from unslouch.tui.widgets.paged_list import PagedList
from unslouch.tui.workers import run_latest

from .action_line import ActionLine, OfferedAction

if TYPE_CHECKING:
    from unslouch.link.client import Client


class ProfileList(PagedList):
    """The profiles, one a line."""

    HELP = """\
## Profiles

A profile is a named calibration, such as one for each chair. Enter makes the highlighted one active, `n` gives it
another name. Four fit on the sensor. Its button switches between those that are calibrated.
"""


class ProfileName(Input):
    """The name of a profile."""

    HELP = """\
## The name of a profile

Enter takes the name, Esc leaves it as it is. A name without a letter removes it.
"""


class ProfilesPanel(Vertical):
    """Reads the profiles when it is mounted, and when it is asked to."""

    DEFAULT_CSS = """
    ProfilesPanel { height: auto; }
    ProfilesPanel Static { height: auto; }
    ProfilesPanel OptionList, ProfilesPanel OptionList:focus { height: auto; border: none; padding: 0;
        background: transparent; background-tint: transparent; }
    ProfilesPanel OptionList:focus > .option-list--option-highlighted { text-style: bold underline; }
    ProfilesPanel Input { display: none; margin-top: 1; }
    ProfilesPanel.-naming Input { display: block; }
    ProfilesPanel #profile-error { color: $text-error; text-style: bold; margin-top: 1; }
    ProfilesPanel ActionLine { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("profiles", "n", "rename", "Rename", "Give the profile another name.", show=False),
        binding("profiles", "escape", "leave_name", "Leave name", "Leave the name as it is.", show=False),
    ]

    class Selected(Message):
        """A profile was made the active one."""

        def __init__(self, profile: Profile) -> None:
            super().__init__()
            self.profile = profile

    class Renamed(Message):
        """A profile has another name."""

    def __init__(self, client: "Callable[[], Client]", *, closes: bool = False, id: str | None = None) -> None:
        """client: raises NoSensor without a link. closes: Esc closes the dialog around it."""
        super().__init__(id=id)
        self._client = client
        self._closes = closes
        self._profiles: list[Profile] = []

    def compose(self) -> ComposeResult:
        """Lay out the list, the field for a name, the error and the keys."""
        yield ProfileList(id="list")
        yield ProfileName(id="name", placeholder="name", compact=True)
        error = Static(id="profile-error", markup=False)
        error.display = False
        yield error
        yield ActionLine(self, id="profile-keys")

    def on_mount(self) -> None:
        """Read the profiles from the sensor."""
        self._show("")
        self.read()

    def read(self) -> None:
        """Read the profiles from the sensor."""
        run_latest(self, self._read, group="profiles-read")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to leave a name only while one is typed."""
        if action == "leave_name":
            return self.has_class("-naming")
        return action != "rename" or (self._highlighted is not None and not self.has_class("-naming"))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Select a profile; one that was lost with the link after the key was pressed is left alone."""
        event.stop()
        if event.option_index < len(self._profiles):
            run_latest(self, self._select, self._profiles[event.option_index], group="profiles")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a name."""
        event.stop()
        profile = self._highlighted
        if profile is not None:
            run_latest(self, self._rename, profile, event.value, group="profiles")

    def action_select(self) -> None:
        """Make the highlighted profile the active one."""
        if self._highlighted is not None:
            run_latest(self, self._select, self._highlighted, group="profiles")

    def action_rename(self) -> None:
        """Ask for another name."""
        if self._highlighted is not None:
            name = self.query_one(Input)
            name.value = self._highlighted.name
            self._set_naming(True)
            name.focus()

    def action_leave_name(self) -> None:
        """Leave the name as it is."""
        self._set_naming(False)

    def action_take_name(self) -> None:
        """Take the name that was typed."""
        if self._highlighted is not None:
            run_latest(self, self._rename, self._highlighted, self.query_one(Input).value, group="profiles")

    @property
    def _highlighted(self) -> Profile | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None or index >= len(self._profiles) else self._profiles[index]

    def _set_naming(self, is_naming: bool) -> None:
        self.set_class(is_naming, "-naming")
        self._show("")
        if not is_naming:
            self.query_one(OptionList).focus()

    async def _read(self) -> None:
        try:
            self._profiles = await self._client().profiles()
        except UnslouchError as error:
            self._profiles = []
            self.query_one(OptionList).clear_options()
            self._show(str(error))
            return
        options = self.query_one(OptionList)
        highlighted = options.highlighted
        options.clear_options()
        width = max((cell_len(profile.title) for profile in self._profiles), default=0)
        options.add_options([Content(profile_line(profile, width)) for profile in self._profiles])
        active = next((profile.index for profile in self._profiles if profile.active), 0)
        options.highlighted = active if highlighted is None else highlighted
        self._show("")

    async def _select(self, profile: Profile) -> None:
        try:
            await self._client().select_profile(profile.index)
        except UnslouchError as error:
            self._show(str(error))
        else:
            await self._read()
            self.post_message(self.Selected(profile))

    async def _rename(self, profile: Profile, name: str) -> None:
        try:
            await rename_profile(self._client(), profile.index, name)
        except UnslouchError as error:
            self._show(str(error))
        else:
            self._set_naming(False)
            await self._read()
            self.post_message(self.Renamed())

    def _show(self, error: str) -> None:
        line = self.query_one("#profile-error", Static)
        line.update(error)
        line.display = bool(error)
        closing = [OfferedAction("Esc", "closes", "screen.dismiss")] if self._closes else []
        if self.has_class("-naming"):
            actions = [
                OfferedAction("Enter", "takes the name", "take_name"),
                OfferedAction("Esc", "leaves it as it is", "leave_name"),
            ]
        elif self._profiles:
            actions = [
                OfferedAction("Enter", "selects it", "select"),
                OfferedAction("n", "renames it", "rename"),
                *closing,
            ]
        else:
            actions = closing
        self.query_one(ActionLine).offer(actions)


def profile_line(profile: Profile, width: int) -> str:
    """Return a profile as a line: a mark if it is active, its name in `width` cells, and how it was calibrated."""
    if not profile.calibration_id:
        known = "not calibrated"
    else:
        known = ", ".join(["calibrated"] + ["bow"] * profile.bowed + ["standing zero"] * profile.stood)
    return f"{'●' if profile.active else ' '} {profile.title}{' ' * (width - cell_len(profile.title))}  {known}"
