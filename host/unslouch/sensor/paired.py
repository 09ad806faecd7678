"""The list of paired sensors: their names, ids and addresses, in the private file sensors.json beside the databases."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from unslouch.errors import BadInput, StoreError
from unslouch.files import make_folder, replace_file
from unslouch.link.ble.failures import is_address
from unslouch.names import composed, name_key
from unslouch.store import default_path

LONGEST_NAME = 40


@dataclass(frozen=True)
class PairedSensor:
    """A sensor that this computer is paired with."""

    name: str
    """The name that the wearer gave it."""
    device_id: str
    address: str
    """Its Bluetooth address; on macOS a UUID that the system gives in place of one."""
    simulated: bool = False

    def is_known_as(self, text: str) -> bool:
        """Whether a text is its name, address or device id, in any case and however its accents are encoded."""
        return name_key(text) in map(name_key, (self.name, self.address, self.device_id))


def sensors_file() -> Path:
    """Return the path of the list."""
    return default_path(simulated=False).with_name("sensors.json")


def paired_sensors() -> list[PairedSensor]:
    """Return the sensors in the order in which they were paired; raises StoreError if the file can't be read."""
    path = sensors_file()
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["sensors"]
        return [
            PairedSensor(str(row["name"]), str(row["device_id"]), str(row["address"]), bool(row["simulated"]))
            for row in rows
        ]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(
            f"The list of your sensors, {path}, can't be read ({error.strerror}): make it readable."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"The list of your sensors, {path}, is damaged: delete it and pair your sensors again."
        ) from error


def pairings_version() -> int:
    """Return a number that changes with each pairing and each removal, even if the list is then the same as before."""
    try:
        return sensors_file().stat().st_mtime_ns
    except OSError:
        return 0


def paired_sensor_named(text: str) -> PairedSensor | None:
    """Return the sensor of a name, address or device id; None if none is paired. Raises StoreError."""
    return next((sensor for sensor in paired_sensors() if sensor.is_known_as(text)), None)


def similar_names(text: str) -> list[str]:
    """Return the names of paired sensors that may have been meant by a mistyped one, the likeliest first.

    Raises StoreError.
    """
    import difflib  # only a mistyped name needs it

    names = {name_key(sensor.name): sensor.name for sensor in paired_sensors()}
    return [names[key] for key in difflib.get_close_matches(name_key(text), names)]


def add_paired(sensor: PairedSensor) -> None:
    """Add a sensor to the list, in place of an earlier entry for it.

    Raises BadInput if another sensor has its name, StoreError if the list can't be read or written.
    """
    with _changing():
        others = [other for other in paired_sensors() if other.device_id != sensor.device_id]
        if any(other.is_known_as(sensor.name) for other in others):
            raise BadInput(f"Another sensor of yours is named {sensor.name!r} already; choose another name.")
        _write([*others, sensor])


def remove_paired(sensor: PairedSensor) -> None:
    """Take a sensor off the list; raises StoreError."""
    with _changing():
        _write([other for other in paired_sensors() if other.device_id != sensor.device_id])


def name_for(device_id: str) -> str:
    """Return the name that a sensor has in the list, or a new one for a sensor that isn't in it: "sensor 2" or such."""
    known = paired_sensors()
    for sensor in known:
        if sensor.device_id == device_id:
            return sensor.name
    numbered = (f"sensor {number}" if number > 1 else "sensor" for number in range(1, len(known) + 2))
    return next(name for name in numbered if not any(sensor.is_known_as(name) for sensor in known))


def checked_sensor_name(name: str) -> str:
    """Return a name as it is stored; raises BadInput if no sensor can have it."""
    name = composed(name)
    if not name or not name.isprintable() or len(name) > LONGEST_NAME or is_address(name) or set("/\\:") & set(name):
        raise BadInput(
            f"A sensor can't be named {name!r}; give up to {LONGEST_NAME} letters, digits and spaces that are no port "
            "and no address."
        )
    return name


@contextmanager
def _changing() -> Iterator[None]:
    """Keep other processes from changing the list between our reading and our writing it."""
    from filelock import FileLock  # only what changes the list needs it

    from .owner import runtime_folder

    with FileLock(runtime_folder() / "sensors.lock"):
        yield


def _write(sensors: list[PairedSensor]) -> None:
    path = sensors_file()
    text = json.dumps({"sensors": [asdict(sensor) for sensor in sensors]}, indent=2, ensure_ascii=False) + "\n"
    try:
        make_folder(path.parent)
        replace_file(path, text.encode())
    except OSError as error:
        raise StoreError(
            f"The list of your sensors, {path}, can't be written ({error.strerror}); make its folder writable."
        ) from error
