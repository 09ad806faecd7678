"""The sensor's settings and profiles, read again whenever its status says that they changed."""

from contextlib import suppress

from unslouch.errors import UnslouchError

from .feed import Feed
from .sensor_state import SensorState


class BoardSetUp:
    """Remembers which edition of the settings and profiles was read last."""

    def __init__(self) -> None:
        self._read: tuple[int, int, int, int] | None = None

    def forget(self) -> None:
        """Have everything read again: another sensor, or a change that the status doesn't show, such as a name."""
        self._read = None

    def is_outdated(self, sensor: SensorState) -> bool:
        """Whether the sensor is linked and has another edition than the one that was read."""
        return sensor.board is not None and self._read != self._edition(sensor)

    async def read(self, feed: Feed, sensor: SensorState) -> None:
        """Read settings and profiles into the state; if the link breaks, the next status leads here again."""
        edition = self._read = self._edition(sensor)
        values = profiles = None
        with suppress(UnslouchError):
            _, values = await feed.client.settings()
            profiles = await feed.client.profiles()
        if values is None or profiles is None:
            if self._read == edition:
                self._read = None
            return
        if self._read == edition == self._edition(sensor):  # else another link or edition has come meanwhile
            sensor.settings, sensor.profiles, sensor.is_set_up_known = values, profiles, True

    def _edition(self, sensor: SensorState) -> tuple[int, int, int, int] | None:
        board = sensor.board
        if board is None:
            return None
        return sensor.links, board.settings_revision, board.profile, board.calibration_id
