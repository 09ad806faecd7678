"""What all modes have in common: the bar with the modes, the footer, and when they draw and read."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from importlib import import_module
from typing import ClassVar

from textual.app import ComposeResult
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from unslouch.errors import UnslouchError
from unslouch.tui.modes import Mode
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.key_footer import KeyFooter
from unslouch.tui.widgets.mode_bar import ModeBar
from unslouch.tui.workers import run_beside

from .selection import KeepsSelecting

REFRESH_MOST_EVERY_S = 3.0
"""How long after the last time data is read again, if records have come."""
REFRESH_LEAST_EVERY_S = 60.0
"""How long after the last time it is read again in any case: another day may have begun."""


class ModeScreen(KeepsSelecting, Screen[None]):
    """One mode. A subclass lays out `compose_body`, draws in `draw` and reads the store in `refresh_data`.

    Its HELP, and that of each widget that can have the focus, is Markdown for the help screen: a heading, then text.
    """

    MODE: ClassVar[str]
    """The id of its row in `modes.MODES`."""
    keys_need_data: ClassVar[bool] = False
    """Whether the mode's own keys are about what `refresh_data` reads: then they wait for the first time."""

    DEFAULT_CSS = """
    ModeScreen { overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-color: $frame; }
    ModeScreen #keys { display: none; dock: bottom; height: 1; background: $panel; padding: 0 1; }
    ModeScreen.-narrow #keys { display: block; }
    ModeScreen.-narrow KeyFooter { display: none; }
    ModeScreen ToastRack { dock: top; align: left top; margin: 1 0 0 1; }
    ModeScreen ToastHolder { align-horizontal: left; }
    """

    def __init__(self, shared: Shared) -> None:
        super().__init__(id=self.MODE)
        self.shared = shared
        self._refreshing: Worker[None] | None = None
        self._refreshed_at_s = float("-inf")
        self._refreshed_records = -1
        self._key_state: Hashable = None
        self._toast_row = 1
        self._is_new = True
        self._has_data = False
        self._changes = 0
        """So many commands that change what the mode's own keys are about are under way."""
        self._is_settled = asyncio.Event()
        """Set while what the mode's own keys are about is shown."""
        self._settle()

    def compose(self) -> ComposeResult:
        self._take_size_classes()
        yield ModeBar(self.shared.modes, self.MODE)
        yield from self.compose_body()
        yield KeyFooter(self.is_timely)
        yield Static("? explains the keys, q quits", id="keys")

    def _take_size_classes(self) -> None:
        """Have the classes of the terminal's size before there are parts, whose styles are then computed only once."""
        width, height = self.app.size
        names = self._get_breakpoint_classes(width, self.app.HORIZONTAL_BREAKPOINTS or [])
        names |= self._get_breakpoint_classes(height, self.app.VERTICAL_BREAKPOINTS or [])
        for name in names:
            self.add_class(name, update=False)

    def compose_body(self) -> ComposeResult:
        """Lay out what is between the bar and the footer."""
        yield from ()

    def draw(self) -> None:
        """Bring the screen up to date; called once per frame while the mode is shown, also below a dialog."""

    async def refresh_data(self) -> None:
        """Read what the screen shows from the store (`shared.read_history`).

        Called when the mode is first shown, when records came, and each minute; never twice at once. An UnslouchError
        that it raises is shown. It is cancelled when the wearer chooses another sensor.
        """

    def forget_sensor(self) -> None:
        """Remove what is shown of a sensor: another one follows."""

    def key_state(self) -> Hashable:
        """Return what `check_action` depends on: when it changes, footer and keys are brought up to date."""
        return self.shared.sensor.is_paused

    def is_timely(self, action: str) -> bool:
        """Return whether the footer should name the key of an action now; it works in any case."""
        return True

    def toast_row(self) -> int:
        """Return the row of the screen from which on notifications may be shown: where they hide the least."""
        return 1

    # Called by the app

    def frame(self) -> None:
        """Draw a frame, and read data again if it is time and if no reading is under way."""
        if not self.is_mounted:  # it was switched to just now, and its parts aren't there yet
            return
        self.draw()
        self._place_toasts(self.toast_row())
        key_state = self.key_state()
        if key_state != self._key_state:
            self._key_state = key_state
            self.refresh_bindings()
        self._read_if_due()

    def follow_sensor(self) -> None:
        """Show another sensor, which `shared` has."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            self._refreshing = None
        self._refreshed_at_s = float("-inf")
        self._has_data = False
        self._settle()
        self.forget_sensor()

    # Keys that are typed quickly (see `key_order`)

    def is_ready_for(self, key: str) -> bool:
        """Return whether a key can be handled: the app's own, such as those of the modes, always."""
        return self._is_settled.is_set() or not self._is_own_key(key)

    async def until_ready_for(self, key: str) -> None:
        """Wait until what the mode's own keys are about is shown."""
        self._read_if_due()
        await self._is_settled.wait()

    def _is_own_key(self, key: str) -> bool:
        for node, bindings in self._modal_binding_chain:
            if key in bindings.key_to_bindings:
                return node is not self.app
        return False

    def note_data(self) -> None:
        """Let the mode's own keys be handled: there is something to press them for."""
        self._has_data = True
        self._settle()

    def _settle(self) -> None:
        if self._changes == 0 and (self._has_data or not self.keys_need_data):
            self._is_settled.set()
        else:
            self._is_settled.clear()

    # Reading

    def _read_if_due(self) -> None:
        if self._refreshing is None and self._is_refresh_due:
            self._refreshing = run_beside(self, self._refresh, group="data")

    @property
    def _is_refresh_due(self) -> bool:
        has_new = self.shared.sensor.records_stored != self._refreshed_records
        age_s = self.shared.clock() - self._refreshed_at_s
        return age_s >= (REFRESH_MOST_EVERY_S if has_new else REFRESH_LEAST_EVERY_S)

    async def _refresh(self) -> None:
        self._refreshed_records = self.shared.sensor.records_stored
        try:
            await self.refresh_data()
        except UnslouchError as error:
            self.notify_error(error)
        self._refreshed_at_s = self.shared.clock()
        self._refreshing = None
        self.note_data()

    def _place_toasts(self, row: int) -> None:
        if row != self._toast_row:
            self._toast_row = row
            for rack in self.query("ToastRack"):
                rack.styles.margin = (row, 0, 0, 1)

    def on_screen_suspend(self) -> None:
        """Offer no keys while a dialog has them."""
        self._show_keys(False)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Offer the keys again."""
        if self._is_new:  # its parts have just been given their styles
            self._is_new = event.refresh_styles = False
        self._show_keys(True)

    def _show_keys(self, is_visible: bool) -> None:
        """Set it on the two widgets: a class of the screen would have the styles of all its widgets computed anew."""
        for keys in self.query_children("KeyFooter, #keys"):
            keys.visible = is_visible

    # For actions

    def run_command(self, function: Callable[..., Awaitable[str]], *arguments: object) -> None:
        """Call a coroutine function in the background and show the sentence that it returns, or that of its error."""

        async def run() -> None:
            try:
                done = await function(*arguments)
            except UnslouchError as error:
                self.notify_error(error)
            else:
                if done:
                    self.notify(done, markup=False)

        run_beside(self, run, group="command")

    def run_in_turn(self, function: Callable[..., Awaitable[str]], *arguments: object) -> None:
        """Run a command that changes what the mode's own keys are about, such as the day: they wait for it."""

        async def run() -> str:
            try:
                return await function(*arguments)
            finally:
                self._changes -= 1
                self._settle()

        self._changes += 1
        self._settle()
        self.run_command(run)

    def notify_error(self, error: UnslouchError) -> None:
        """Show the sentence of an error."""
        self.notify(str(error), severity="error", markup=False)


def open_mode(mode: Mode, shared: Shared) -> ModeScreen:
    """Import the class of a mode's screen and return a screen of it."""
    module, _, name = mode.screen_class.partition(":")
    screen: ModeScreen = getattr(import_module(module), name)(shared)
    return screen
