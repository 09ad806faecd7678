"""The top of the screen: the link, the sensor's name, whether it is simulated, and its battery."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from unslouch.link.model import BoardStatus, LinkKind, LinkState
from unslouch.tui.sensor_state import SensorState

NARROW_CELLS = 60
"""In fewer cells the kind of link and the battery's voltage are left out."""
GAP = "  "
BACKLOG_SHOWN_FROM = 24
"""Records that the sensor has flushed and that are not stored: fewer come with every page, and are no backlog."""
LINK_WORDS: dict[LinkKind, str] = {
    "": "",
    "cable": " by cable",
    "Bluetooth": " over Bluetooth",
    "shared": " through another unslouch",
}
_GLYPHS = {
    LinkState.LIVE: "●",
    LinkState.SYNCING: "●",
    LinkState.SEARCHING: "○",
    LinkState.CONNECTING: "○",
    LinkState.HANDSHAKE: "○",
    LinkState.RESTING: "○",
    LinkState.WAITING: "×",
    LinkState.REFUSED: "×",
    LinkState.CLOSED: "×",
}


class ConnectionBar(Widget):
    """One line, and a second with the reason while there is something to explain."""

    DEFAULT_CSS = """
    ConnectionBar { height: auto; background: $panel; padding: 0 1; }
    ConnectionBar Horizontal { height: 1; }
    ConnectionBar #link { width: 1fr; }
    ConnectionBar #battery { width: auto; }
    ConnectionBar #reason { height: auto; max-height: 3; color: $text-warning; display: none; }
    ConnectionBar #reason.-shown { display: block; }
    ConnectionBar.-calm #reason { color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="connection")
        self._link = Static(id="link")
        self._battery = Static(id="battery", markup=False)
        self._reason = Static(id="reason", markup=False)
        self._link.tooltip = "How the sensor is linked, what is still to be fetched from it, and which one it is."
        self._battery.tooltip = "The sensor's battery."
        self._shown = (Content(), "", "")

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._link
            yield self._battery
        yield self._reason

    def show(self, sensor: SensorState, is_simulated: bool, link_kind: LinkKind) -> None:
        """Draw what has changed."""
        shown = *top_line(sensor, is_simulated, link_kind, self.content_size.width), reason_line(sensor)
        if shown == self._shown:
            return
        self._link.update(shown[0], layout=False)
        self._battery.update(shown[1])
        self._reason.update(shown[2])
        self._reason.set_class(bool(shown[2]), "-shown")
        self.set_class(sensor.state is LinkState.RESTING or sensor.deep_sleep is not None, "-calm")
        self._shown = shown


def top_line(sensor: SensorState, is_simulated: bool, link_kind: LinkKind, cells: int) -> tuple[Content, str]:
    """Return the link and the battery, with as much of the sensor's name and of the battery as fits beside the rest."""
    is_narrow = cells < NARROW_CELLS
    link = link_line(sensor, is_simulated, "" if is_narrow else link_kind, is_brief=is_narrow)
    levels = battery_lines(sensor.board)[is_narrow:]
    if sensor.board is None and is_narrow:
        levels = []
    room = cells - link.cell_length - len(GAP)
    battery = next((level for level in levels if len(level) <= room), "")
    room = cells - len(battery) - (len(GAP) if battery else 0)
    for word in name_words(sensor):
        longer = Content(GAP).join([link, word])
        if longer.cell_length > room:
            break
        link = longer
    return link, battery


def link_line(sensor: SensorState, is_simulated: bool, link_kind: LinkKind = "", *, is_brief: bool = False) -> Content:
    """Return the link, when a resting sensor is heard next, its backlog, and the badge of a simulated one."""
    is_calm = sensor.state is LinkState.RESTING or sensor.deep_sleep is not None
    colour = "$text-success" if sensor.is_linked else "$text-muted" if is_calm else "$text-warning"
    how = LINK_WORDS[link_kind] if sensor.is_linked else ""
    state = sensor.state.value if sensor.deep_sleep is None else sensor.deep_sleep.name
    words = [Content.styled(f"{_GLYPHS[sensor.state]} {state}{how}", f"bold {colour}")]
    if sensor.window_in_s is not None:
        when = f"in {sensor.window_in_s // 60}:{sensor.window_in_s % 60:02}"
        words.append(Content(when if is_brief else f"next window {when}"))
    if sensor.is_linked and sensor.records_behind > BACKLOG_SHOWN_FROM:
        words.append(Content(f"{sensor.records_behind} {'' if is_brief else 'records '}to fetch"))
    if is_simulated or (sensor.info is not None and sensor.info.simulated):
        words.append(Content.styled(" SIMULATED ", "bold reverse"))
    return Content(GAP).join(words)


def name_words(sensor: SensorState) -> list[Content]:
    """Return the sensor's board and the end of its id, once they are known."""
    if sensor.info is None:
        return []
    return [Content(sensor.info.board), Content.styled(sensor.info.device_id[-6:], "dim")]


def battery_lines(status: BoardStatus | None) -> list[str]:
    """Return the battery's level, or that it is unknown, from the longest form to the shortest."""
    if status is None:
        return ["battery unknown"]
    level = "unknown" if status.battery_percent is None else f"{status.battery_percent} %"
    volts = f" · {status.battery_mV} mV" if status.battery_mV else ""
    power = " · charging" if status.external_power else ""
    forms = [f"battery {level}{volts}{power}", f"battery {level}{power}"]
    return forms if status.battery_percent is None else [*forms, f"{level}{power}"]


def reason_line(sensor: SensorState) -> str:
    """Return why the link is down and which key tries again, or what is wrong with the database or the clock."""
    if sensor.failure:
        return sensor.failure + (" Press r to try again." if sensor.state is LinkState.CLOSED else "")
    if sensor.is_linked and (fault := sensor.store_fault or sensor.clock_fault):
        return fault
    if sensor.state is LinkState.LIVE:
        return ""
    if sensor.deep_sleep is not None:
        return sensor.deep_sleep.sentence
    if sensor.state is LinkState.RESTING:
        hint = " To look now, press its button."
    else:
        hint = " Press r to try now." if sensor.state is LinkState.WAITING else ""
    return (sensor.reason + hint).strip()
