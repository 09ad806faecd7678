"""The profiles as a dialog, for a key of any mode."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from unslouch.link.model import Profile
from unslouch.tui.bindings import binding
from unslouch.tui.feed import Feed
from unslouch.tui.widgets.profiles_panel import ProfileList, ProfilesPanel

from .dialog import Dialog, dialog_css


class ProfilesScreen(Dialog[Profile | None]):
    """Answers with the profile that was selected, None if none was."""

    DEFAULT_CSS = dialog_css("ProfilesScreen") + "ProfilesScreen.-short > VerticalScroll { padding: 0 1; }"
    HELP = ProfileList.HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("profiles", "escape", "close", "Close", "Back to where you were.", show=False),
    ]

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self._panel = ProfilesPanel(lambda: feed.client, closes=True)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with VerticalScroll(can_focus=False) as box:
            box.border_title = "Profiles"
            yield self._panel

    def on_mount(self) -> None:
        """Give the list the keys."""
        self._panel.query_one(ProfileList).focus()

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)

    def on_profiles_panel_selected(self, message: ProfilesPanel.Selected) -> None:
        """Answer."""
        self.dismiss(message.profile)
