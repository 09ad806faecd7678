"""The list of profiles (named calibrations): selects one as the active one, or renames one."""

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from unslouch.errors import UnslouchError
from unslouch.link.model import Profile
from unslouch.sensor.profiles import rename_profile
from unslouch.tui.feed import Feed

from .dialog import dialog_css

KEYS = "Enter selects it, n renames it, Esc closes."
NAMING = "Enter takes the name, Esc leaves it as it is."


class ProfilesScreen(ModalScreen[Profile | None]):
    """Answers with the profile that was selected, None if none was."""

    DEFAULT_CSS = (
        dialog_css("ProfilesScreen")
        + """
    ProfilesScreen OptionList, ProfilesScreen OptionList:focus { height: auto; border: none; padding: 0;
        background: $surface; background-tint: transparent; }
    ProfilesScreen Input { display: none; margin-top: 1; }
    ProfilesScreen.-naming Input { display: block; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "rename", "Rename", id="profiles.rename", tooltip="Give the profile another name."),
        Binding("escape", "close", "Close", id="profiles.close", tooltip="Back to the dashboard."),
    ]

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._feed = feed
        self._profiles: list[Profile] = []

    def compose(self) -> ComposeResult:
        """Lay out the list, the field for a name, the result and the keys."""
        with VerticalScroll() as box:
            box.border_title = "Profiles"
            yield OptionList(id="list")
            yield Input(id="name", placeholder="name", compact=True)
            result = Static(id="result", classes="result")
            result.display = False
            yield result
            yield Static(KEYS, id="keys", classes="hint")

    def on_mount(self) -> None:
        """Read the profiles from the sensor."""
        self.run_worker(self._read(), exclusive=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Select a profile."""
        self.run_worker(self._select(self._profiles[event.option_index]), exclusive=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a name."""
        profile = self._highlighted
        if profile is not None:
            self.run_worker(self._rename(profile, event.value), exclusive=True)

    def action_rename(self) -> None:
        """Ask for another name."""
        if self._highlighted is not None and not self.has_class("-naming"):
            name = self.query_one(Input)
            name.value = self._highlighted.name
            self._set_naming(True)
            name.focus()

    def action_close(self) -> None:
        """Leave the name as it is, or the screen."""
        if self.has_class("-naming"):
            self._set_naming(False)
        else:
            self.dismiss(None)

    @property
    def _highlighted(self) -> Profile | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None or index >= len(self._profiles) else self._profiles[index]

    def _set_naming(self, is_naming: bool) -> None:
        self.set_class(is_naming, "-naming")
        self._show("", NAMING if is_naming else KEYS)
        if not is_naming:
            self.query_one(OptionList).focus()

    async def _read(self) -> None:
        try:
            self._profiles = await self._feed.client.profiles()
        except UnslouchError as error:
            self._show(str(error), "Esc closes.")
            return
        options = self.query_one(OptionList)
        highlighted = options.highlighted
        options.clear_options()
        width = max((cell_len(profile.title) for profile in self._profiles), default=0)
        options.add_options([Content(profile_line(profile, width)) for profile in self._profiles])
        active = next((profile.index for profile in self._profiles if profile.active), 0)
        options.highlighted = active if highlighted is None else highlighted
        options.focus()

    async def _select(self, profile: Profile) -> None:
        try:
            await self._feed.client.select_profile(profile.index)
        except UnslouchError as error:
            self._show(str(error), KEYS)
        else:
            self.dismiss(profile)

    async def _rename(self, profile: Profile, name: str) -> None:
        try:
            await rename_profile(self._feed.client, profile.index, name)
        except UnslouchError as error:
            self._show(str(error), NAMING)
        else:
            self._set_naming(False)
            await self._read()

    def _show(self, error: str, keys: str) -> None:
        result = self.query_one("#result", Static)
        result.update(Content.styled(error, "$text-error"))
        result.display = bool(error)
        self.query_one("#keys", Static).update(keys)


def profile_line(profile: Profile, width: int) -> str:
    """Return a profile as a line: a mark if it is active, its name in `width` cells, and how it was calibrated."""
    if not profile.calibration_id:
        known = "not calibrated"
    else:
        known = ", ".join(["calibrated"] + ["bow"] * profile.bowed + ["standing zero"] * profile.stood)
    return f"{'●' if profile.active else ' '} {profile.title}{' ' * (width - cell_len(profile.title))}  {known}"
