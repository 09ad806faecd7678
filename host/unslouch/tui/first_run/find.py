"""The first step: finding a sensor, pairing one, putting firmware on an empty board, or taking the demo."""

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import ProgressBar, Static

from unslouch.errors import UnslouchError
from unslouch.link.model import LinkState
from unslouch.sensor.no_sensor import NO_SENSOR
from unslouch.tui.background import BackgroundThread
from unslouch.tui.bindings import binding
from unslouch.tui.shared import Shared
from unslouch.tui.widgets.action_line import ActionLine, OfferedAction
from unslouch.tui.workers import run_latest

from .step import FirstStep

if TYPE_CHECKING:
    from unslouch.flashing.empty_board import EmptyBoard
    from unslouch.link.model import SensorInfo
    from unslouch.sensor.pairing_steps import PairingStep

HOW = (
    "Plug the sensor in with a cable that carries data; it is found by itself. Without a cable, pair it over "
    "Bluetooth. Without a sensor, the demo shows everything with a simulated wearer."
)
HOW_BRIEF = "Plug the sensor in with a data cable."
MISSING = (LinkState.WAITING, LinkState.REFUSED, LinkState.CLOSED)


class FindStep(FirstStep):
    """Shows how the search for a sensor goes, and what can be done about it."""

    TITLE = "Find your sensor"
    HELP = """\
## Find your sensor

A sensor on its cable is found by itself. `p` pairs with one over Bluetooth: hold its button for 3 s first. `i` puts the
firmware on a board that has none. `d` takes the demo, a simulated sensor and wearer, whose days stay out of your log.
`r` looks again.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("find", "r", "again", "Look again", "Look for the sensor now.", False),
        binding("find", "p", "pair", "Pair", "Pair with the sensor within reach, over Bluetooth.", False),
        binding("find", "i", "flash", "Install firmware", "Put the firmware on the empty board.", False),
        binding("find", "d", "demo", "Demo", "Take a simulated sensor and wearer.", False),
    ]

    def __init__(self, shared: Shared) -> None:
        super().__init__(shared)
        self._boards: list[EmptyBoard] = []
        self._looked_for_boards = False
        self._is_busy = False
        self._said: list[str] = []
        self._offered: list[OfferedAction] = []
        self._thread = BackgroundThread("first-run-board")

    def compose(self) -> ComposeResult:
        """Lay out how it goes, what was found, and the keys."""
        yield Static(HOW, id="how")
        yield Static(id="search", classes="state", markup=False)
        yield Static(id="board", classes="state", markup=False)
        yield Static(id="said", classes="hint", markup=False)
        bar = ProgressBar(show_eta=False, id="flashed")
        bar.display = False
        yield bar
        yield ActionLine(self, id="find-keys")

    def on_mount(self) -> None:
        """Show the search."""
        self._say()
        self.draw()

    def on_unmount(self) -> None:
        """End the thread, which may look for boards for some more seconds."""
        self._thread.close()

    @property
    def outcome(self) -> str:
        sensor = self.shared.sensor
        if not sensor.is_linked or sensor.info is None:
            return ""
        return "the demo is shown" if sensor.info.simulated else f"the sensor {sensor.info.board} is linked"

    def draw(self) -> None:
        """Show how the search goes, and look for an empty board once it has failed."""
        sensor = self.shared.sensor
        self.query_one("#how", Static).update(HOW_BRIEF if self.screen.has_class("-short") else HOW)
        self.query_one("#search", Static).update(f"{'●' if sensor.is_linked else '○'} {self._search_text()}")
        board = self.query_one("#board", Static)
        board.display = self._offers_firmware
        if self._offers_firmware:
            board.update(f"The board at {self._boards[0].port} has no firmware of ours yet.")
        if sensor.state in MISSING and not self._looked_for_boards and not self._is_busy:
            self._looked_for_boards = True
            run_latest(self, self._look_for_boards, group="boards")
        self._offer()

    def _search_text(self) -> str:
        sensor = self.shared.sensor
        if self._is_busy:
            return "The search waits meanwhile."
        if sensor.is_linked and sensor.info is not None:
            how = f" by {self.shared.feed.link_kind}" if self.shared.feed.link_kind == "cable" else ""
            how = " over Bluetooth" if self.shared.feed.link_kind == "Bluetooth" else how
            if sensor.info.simulated:
                return "The demo is linked: a simulated sensor and wearer."
            return f"The sensor {sensor.info.board} ({sensor.info.device_id[-6:]}) is linked{how}."
        if sensor.reason == NO_SENSOR:
            return "No sensor was found yet."
        return sensor.reason or "Looking for a sensor."

    @property
    def _offers_firmware(self) -> bool:
        return bool(self._boards) and not self._is_busy and not self.shared.sensor.is_linked

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what is possible."""
        match action:
            case "again":
                return self.shared.sensor.is_paused and not self._is_busy
            case "flash":
                return self._offers_firmware
            case "demo":
                return self.shared.show_demo is not None and not self._is_busy
            case "pair":
                return not self._is_busy
        return True

    def _offer(self) -> None:
        actions = [
            OfferedAction("i", "puts the firmware on it", "flash"),
            OfferedAction("r", "looks again", "again"),
            OfferedAction("p", "pairs over Bluetooth", "pair"),
            OfferedAction("d", "takes the demo", "demo"),
        ]
        offered = [action for action in actions if self.check_action(action.action, ())]
        if self.shared.sensor.is_linked:
            offered = []
        if offered != self._offered:
            self._offered = offered
            self.query_one(ActionLine).offer(offered)
            self.query_one(ActionLine).display = bool(offered)
            self.screen.refresh_bindings()

    def action_again(self) -> None:
        """Look again, for a sensor and for an empty board."""
        self._looked_for_boards = False
        self._boards = []
        self.shared.retry()

    async def action_demo(self) -> None:
        """Take the demo."""
        if self.shared.show_demo is not None:
            await self.shared.show_demo()

    # Pairing

    def action_pair(self) -> None:
        """Pair with the sensor within reach."""
        self._is_busy = True
        self._said = []
        run_latest(self, self._pair, group="pairing")

    async def _pair(self) -> None:
        try:
            result = await self.shared.tools.pair(self._take_step)
            self._say(f"Paired with {result.sensor.name!r}.")
        except UnslouchError as error:
            self._say(str(error))
        finally:
            self._is_busy = False
        self.shared.retry()

    def _take_step(self, step: "PairingStep") -> None:
        self._say(str(step))

    # Firmware

    async def _look_for_boards(self) -> None:
        self._boards = list(await self._thread.call(self.shared.tools.empty_boards))

    def action_flash(self) -> None:
        """Put the firmware on the empty board."""
        self._is_busy = self.shared.is_installing = True
        self._said = ["Installing. Leave the board plugged in."]
        self._say()
        run_latest(self, self._flash, self._boards[0].port, group="flash")

    async def _flash(self, port: str) -> None:
        from unslouch.flashing.install import Reporter

        loop = asyncio.get_running_loop()

        def say(sentence: str) -> None:
            loop.call_soon_threadsafe(self._say, sentence)

        def show_progress(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._show_progress, done, total)

        reporter = Reporter(say, show_progress)
        bar = self.query_one(ProgressBar)
        try:
            await self.shared.release()
            info: SensorInfo | None = await self._thread.call(lambda: self.shared.tools.flash(port, reporter))
            if info is not None:
                self._say(f"The board runs firmware {info.firmware_version} now.")
            self._boards = []
        except UnslouchError as error:
            self._say(str(error))
        finally:
            self._is_busy = self.shared.is_installing = False
            bar.display = False
            self.shared.retry()

    def _show_progress(self, done: int, total: int) -> None:
        bar = self.query_one(ProgressBar)
        bar.display = True
        bar.update(total=total, progress=done)

    def _say(self, sentence: str = "") -> None:
        if sentence:
            self._said.append(sentence)
        said = self.query_one("#said", Static)
        said.update("\n".join(self._said[-4:]))
        said.display = bool(self._said)
