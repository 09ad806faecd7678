"""The sensor's health: versions, battery, and the figures that it keeps about itself."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from unslouch.errors import UnslouchError
from unslouch.link.model import BoardStatus, SensorInfo
from unslouch.sensor.deep_sleep import DeepSleep
from unslouch.tui.background import BackgroundThread
from unslouch.tui.bindings import binding
from unslouch.tui.workers import run_latest

from .action_line import ActionLine, OfferedAction
from .fact_table import FactTable

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.sensor.health import HealthRow

NO_SENSOR = "No sensor is linked at the moment."
NO_CRASH = "The sensor knows of no crash."


class HealthPanel(VerticalScroll, can_focus=True):
    """Two tables: what status and handshake say, and the figures, which are asked for."""

    HELP = """\
## Health

What the sensor says of itself. `!` marks what needs attention: a restart by the watchdog, a crash, lost samples, errors
of chips or flash, little memory, little room in the journal. `u` asks again, `k` shows the last crash, and
`m` lets the sensor test itself: motor, supplies, radio, flash, memory, and the motion sensor, for which it must lie
still. The motor may move.
"""
    DEFAULT_CSS = """
    HealthPanel { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    HealthPanel > Horizontal { height: auto; }
    HealthPanel FactTable { width: 32; margin-right: 2; }
    HealthPanel #figures { width: 1fr; margin-right: 0; }
    .-wide HealthPanel FactTable, .-huge HealthPanel FactTable { width: 48; }
    HealthPanel Static { height: auto; }
    HealthPanel #answer { margin-top: 1; }
    HealthPanel #tested, .-wide HealthPanel #tested, .-huge HealthPanel #tested { width: 100%; margin: 1 0 0 0; }
    HealthPanel ActionLine { margin-top: 1; }
    .-narrow HealthPanel > Horizontal { layout: vertical; }
    .-narrow HealthPanel FactTable, .-narrow HealthPanel #figures { width: 100%; }
    """
    SCOPED_CSS = False  # the screen's size classes matter
    BINDINGS: ClassVar[list[BindingType]] = [
        binding("health", "u", "read", "Ask again", "Ask the sensor for its figures again.", False),
        binding("health", "k", "crash", "Crash", "Show the traceback of the sensor's last crash.", False),
        binding("health", "m", "self_test", "Self-test", "Let the sensor, lying still, test its parts.", False),
    ]

    def __init__(
        self,
        client: "Callable[[], Client]",
        background: BackgroundThread,
        is_powered: Callable[[], bool] = lambda: False,
        *,
        id: str | None = None,
    ) -> None:
        """client: raises NoSensor without a link. background: where the names of a traceback are looked up.

        is_powered: whether this computer feeds the sensor by a cable.
        """
        super().__init__(id=id)
        self._client = client
        self._is_powered = is_powered
        self._background = background
        self._info: SensorInfo | None = None
        self._shown: tuple[SensorInfo | None, BoardStatus | None, DeepSleep | None] = (None, None, None)

    def compose(self) -> ComposeResult:
        """Lay out both tables, the answer of the last key, and the keys."""
        yield Static(NO_SENSOR, id="no-sensor")
        with Horizontal():
            yield FactTable(id="facts")
            yield FactTable(id="figures")
        yield Static(id="answer", markup=False)
        yield FactTable(id="tested")
        yield ActionLine(self, id="health-keys")

    def on_mount(self) -> None:
        """Show the keys."""
        self._answer("")
        self.query_one(ActionLine).offer(
            [
                OfferedAction("u", "asks again", "read"),
                OfferedAction("k", "shows the last crash", "crash"),
                OfferedAction("m", "tests the sensor", "self_test"),
            ]
        )

    def show(self, info: SensorInfo | None, status: BoardStatus | None, deep_sleep: DeepSleep | None = None) -> None:
        """Show what handshake and status say: None for both while no sensor is linked; deep_sleep may say why."""
        if (info, status, deep_sleep) == self._shown:
            return
        from unslouch.sensor.health import status_rows, version_rows

        self._info, self._shown = info, (info, status, deep_sleep)
        absence = self.query_one("#no-sensor", Static)
        absence.display = info is None
        absence.update(NO_SENSOR if deep_sleep is None else deep_sleep.sentence)
        rows = [] if info is None else version_rows(info)
        self.query_one("#facts", FactTable).show(rows if status is None else [*rows, *status_rows(status)])
        if info is None:
            self.query_one("#figures", FactTable).show([])

    def action_read(self) -> None:
        """Ask for the figures."""
        run_latest(self, self._read, group="health")

    def action_crash(self) -> None:
        """Ask for the traceback of the last crash."""
        run_latest(self, self._ask_crash, group="health")

    def action_self_test(self) -> None:
        """Have the motion sensor test itself."""
        run_latest(self, self._self_test, group="health")

    async def _read(self) -> None:
        from unslouch.link.diagnostics import diagnostics
        from unslouch.sensor.health import figure_rows

        try:
            figures = await diagnostics(self._client())
        except UnslouchError as error:
            self._answer(str(error))
            return
        self._answer("")
        self.query_one("#figures", FactTable).show(figure_rows(figures))

    async def _ask_crash(self) -> None:
        from unslouch.flashing.tracebacks import with_full_names
        from unslouch.link.diagnostics import crash_text

        try:
            text = (await crash_text(self._client())).rstrip("\n")
        except UnslouchError as error:
            self._answer(str(error))
            return
        info, remark = self._info, None
        if text and info is not None:
            short = text
            text, remark = await self._background.call(
                lambda: with_full_names(short, info.device_id, info.firmware_version)
            )
        self._answer("\n".join(part for part in (text or NO_CRASH, remark) if part))

    async def _self_test(self) -> None:
        from unslouch.link.diagnostics import board_test, self_test
        from unslouch.sensor.health import AXIS_FAILED, axis_rows, board_test_rows

        rows: list[HealthRow] = []
        self._answer("Testing; leave the sensor lying still.")
        try:
            client = self._client()
            found = await board_test(client)
            rows = [] if found is None else board_test_rows(found, self._is_powered())
            self._answer("Testing the motion sensor; leave it lying still.", rows)
            passed = await self_test(client)
        except UnslouchError as error:
            self._answer(str(error), rows)
            return
        self._answer("" if all(passed.values()) else AXIS_FAILED, [*rows, *axis_rows(passed)])

    def _answer(self, text: str, tested: "Sequence[HealthRow]" = ()) -> None:
        """Show the answer of the last key: a text, and what a test has found."""
        answer, table = self.query_one("#answer", Static), self.query_one("#tested", FactTable)
        answer.update(text)
        answer.display = bool(text)
        table.show(tested)
        table.display = bool(tested)
