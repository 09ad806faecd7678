"""Pairing: the sensors that this computer is paired with, and the computers that the linked sensor knows."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static

from unslouch.errors import UnslouchError
from unslouch.tui.background import BackgroundThread
from unslouch.tui.bindings import binding
from unslouch.tui.sensor_tools import SensorTools
from unslouch.tui.widgets.paged_list import PagedList
from unslouch.tui.workers import run_latest

from .action_line import ActionLine, OfferedAction

if TYPE_CHECKING:
    from unslouch.link.client import Client
    from unslouch.link.hosts import KnownHost
    from unslouch.sensor.paired import PairedSensor
    from unslouch.sensor.pairing_steps import PairingStep

NO_PAIRED = "This computer is paired with no sensor. A sensor on its cable needs no pairing."
NO_HOSTS = "The sensor knows no computer over Bluetooth."
STEPS_SHOWN = 4


class PairedList(PagedList):
    """The sensors of this computer."""

    HELP = """\
## Your sensors

The sensors that this computer is paired with over Bluetooth. `p` pairs with the one within reach: plug it in, or hold
its button for 3 s. `x` removes the highlighted one from this computer. What it recorded stays.
"""


class HostList(PagedList):
    """The computers that the sensor knows."""

    HELP = """\
## Computers that the sensor knows

Each of them can read your posture over Bluetooth. `*` marks this one. `x` has the sensor forget the highlighted one.
Forget any that you do not know.
"""


class PairingPanel(VerticalScroll):
    """Two lists; the keys act on the one that has the focus."""

    HELP = """\
## Pairing

Which sensors this computer can read over Bluetooth, and which computers can read the sensor. `p` pairs with the sensor
within reach: plug it in, or hold its button for 3 s. `x` forgets what is highlighted, `u` reads both lists again.
"""

    DEFAULT_CSS = """
    PairingPanel { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    PairingPanel Static { height: auto; }
    PairingPanel .heading { text-style: bold; }
    PairingPanel .empty { color: $text-muted; }
    PairingPanel > Vertical { height: auto; margin-bottom: 1; }
    PairingPanel OptionList, PairingPanel OptionList:focus { height: auto; max-height: 10; border: none; padding: 0;
        background: transparent; background-tint: transparent; }
    PairingPanel OptionList:focus > .option-list--option-highlighted { text-style: bold underline; }
    PairingPanel #steps { margin-bottom: 1; }
    .-short PairingPanel > Vertical { margin-bottom: 0; }
    """
    SCOPED_CSS = False  # the screen's size classes matter
    BINDINGS: ClassVar[list[BindingType]] = [
        binding(
            "pairing", "p", "pair", "Pair", "Pair this computer with the sensor within reach, over Bluetooth.", False
        ),
        binding("pairing", "x", "forget", "Forget", "Forget the highlighted sensor or computer; asks first.", False),
        binding("pairing", "u", "read", "Ask again", "Read both lists again.", False),
        binding("pairing", "escape", "cancel", "Cancel", "Stop pairing.", show=False),
    ]

    def __init__(
        self,
        client: "Callable[[], Client]",
        tools: SensorTools,
        background: BackgroundThread,
        release: Callable[[], Awaitable[None]],
        retry: Callable[[], None],
        *,
        id: str | None = None,
    ) -> None:
        """client: raises NoSensor without a link. background: where files are read.

        release: ends the link and waits for it, so that the sensor can be removed; retry: looks for a sensor again.
        """
        super().__init__(id=id)
        self._client = client
        self._tools = tools
        self._background = background
        self._release = release
        self._retry = retry
        self._paired: list[PairedSensor] = []
        self._hosts: list[KnownHost] = []
        self._steps: list[str] = []
        self._is_pairing = False

    def compose(self) -> ComposeResult:
        """Lay out both lists, what happens, and the keys."""
        with Vertical():
            yield Static("Sensors that this computer is paired with", classes="heading")
            yield PairedList(id="paired")
            yield Static(NO_PAIRED, id="no-paired", classes="empty")
        with Vertical():
            yield Static("Computers that the sensor knows over Bluetooth", classes="heading")
            yield HostList(id="hosts")
            yield Static(NO_HOSTS, id="no-hosts", classes="empty", markup=False)
        yield Static(id="steps", markup=False)
        yield ActionLine(self, id="pairing-keys")

    def on_mount(self) -> None:
        """Show both lists as empty, and the keys."""
        self._show_lists("")
        self._show_steps()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what is possible."""
        if action == "cancel":
            return self._is_pairing
        if action == "pair":
            return not self._is_pairing
        return action != "forget" or (self._forgettable is not None and not self._is_pairing)

    # Reading

    def action_read(self) -> None:
        """Read both lists."""
        run_latest(self, self._read, group="pairing-lists")

    async def _read(self) -> None:
        from unslouch.link.hosts import known_hosts

        problem = ""
        try:
            self._paired = await self._background.call(self._tools.paired)
        except UnslouchError as error:
            self._paired = []
            self._say(str(error))
        try:
            self._hosts = await known_hosts(self._client())
        except UnslouchError as error:
            self._hosts, problem = [], str(error)
        self._show_lists(problem)

    def _show_lists(self, problem: str) -> None:
        paired, hosts = self.query_one(PairedList), self.query_one(HostList)
        _fill(paired, [Content(f"{sensor.name}  {sensor.address}") for sensor in self._paired])
        _fill(hosts, [Content(host_line(host)) for host in self._hosts])
        for options, empty in ((paired, "#no-paired"), (hosts, "#no-hosts")):
            options.display = options.option_count > 0
            self.query_one(empty).display = options.option_count == 0
        self.query_one("#no-hosts", Static).update(problem or NO_HOSTS)
        if self.screen.focused is self:
            self.focus_first()
        self.screen.refresh_bindings()

    def focus_first(self) -> None:
        """Give the keys to the first list that has a row, or to the panel."""
        lists = [options for options in self.query(OptionList) if options.display]
        (lists[0] if lists else self).focus()

    # Pairing

    def action_pair(self) -> None:
        """Pair with the sensor within reach."""
        self._is_pairing = True
        self._steps = ["Looking for a sensor."]
        self._show_steps()
        run_latest(self, self._pair, group="pairing")

    def action_cancel(self) -> None:
        """Stop pairing."""
        self.workers.cancel_group(self, "pairing")
        self._is_pairing = False
        self._say("Pairing was stopped.")

    async def _pair(self) -> None:
        try:
            result = await self._tools.pair(self._take_step)
        except UnslouchError as error:
            self._is_pairing = False
            self._say(str(error))
            return
        self._is_pairing = False
        self._say(f"Paired. unslouch finds {result.sensor.name!r} over the cable and over Bluetooth now.")
        await self._read()

    def _take_step(self, step: "PairingStep") -> None:
        self._say(str(step))

    def _say(self, sentence: str) -> None:
        self._steps.append(sentence)
        self._show_steps()

    def _show_steps(self) -> None:
        steps = self.query_one("#steps", Static)
        steps.update("\n".join(self._steps[-STEPS_SHOWN:]))
        steps.display = bool(self._steps)
        offered = [
            OfferedAction("Esc", "stops pairing", "cancel")
            if self._is_pairing
            else OfferedAction("p", "pairs with a sensor", "pair"),
            OfferedAction("x", "forgets the highlighted one", "forget"),
            OfferedAction("u", "reads the lists again", "read"),
        ]
        self.query_one(ActionLine).offer(offered)
        self.screen.refresh_bindings()

    # Forgetting

    @property
    def _forgettable(self) -> "PairedSensor | KnownHost | None":
        """What is highlighted in the list with the focus."""
        focused = self.screen.focused if self.is_mounted else None
        rows: Sequence[PairedSensor | KnownHost]
        if isinstance(focused, PairedList):
            rows = self._paired
        elif isinstance(focused, HostList):
            rows = self._hosts
        else:
            return None
        index = focused.highlighted
        return None if index is None or index >= len(rows) else rows[index]

    def action_forget(self) -> None:
        """Forget the highlighted sensor or computer, if the wearer agrees."""
        from unslouch.sensor.paired import PairedSensor
        from unslouch.tui.screens.confirm import ConfirmScreen

        chosen = self._forgettable
        if chosen is None:
            return
        if isinstance(chosen, PairedSensor):
            question = f"Remove {chosen.name!r} from this computer? It has to be paired again for Bluetooth."
        else:
            whose = "this computer" if chosen.is_this_computer else f"the computer {chosen.address}"
            question = f"Have the sensor forget {whose}? It can't read the sensor until it is paired again."

        def answer(agreed: bool | None) -> None:
            if agreed:
                run_latest(self, self._forget, chosen, group="pairing")

        self.app.push_screen(ConfirmScreen("Forget", question, "y forgets it, Esc cancels."), answer)

    async def _forget(self, chosen: "PairedSensor | KnownHost") -> None:
        from unslouch.link.hosts import forget_host
        from unslouch.sensor.paired import PairedSensor

        try:
            if isinstance(chosen, PairedSensor):
                await self._release()
                try:
                    name = await self._tools.unpair(chosen.name, self._take_step)
                finally:
                    self._retry()
                self._say(f"{name!r} is no longer paired with this computer. What it recorded stays.")
            else:
                await forget_host(self._client(), chosen)
                self._say(f"The sensor has forgotten {chosen.address}.")
        except UnslouchError as error:
            self._say(str(error))
        await self._read()


def host_line(host: "KnownHost") -> str:
    """Return a computer as a line: a mark if it is this one, its address, and how it is known."""
    remarks = ["linked"] * host.is_linked
    remarks += ["random address"] * host.is_random + ["secure connections"] * host.is_secure
    return f"{'*' if host.is_this_computer else ' '} {host.address}  {', '.join(remarks)}".rstrip()


def _fill(options: OptionList, rows: Sequence[Content]) -> None:
    highlighted = options.highlighted
    options.clear_options()
    options.add_options(list(rows))
    if rows:
        options.highlighted = min(highlighted or 0, len(rows) - 1)
