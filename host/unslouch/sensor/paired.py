"""PairedSensor sensors: those that the wearer has paired, in a small private file beside the databases."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from unslouch.errors import BadInput, StoreError
from unslouch.files import make_folder, replace_file
from unslouch.link.ble.failures import is_address
from unslouch.store import default_path

LONGEST_NAME = 40


@dataclass(frozen=True)
class PairedSensor:
    """A sensor that this computer is paired with."""

    name: str
    """What the wearer calls it."""
    device_id: str
    address: str
    """Its Bluetooth address, or what the system gives for one."""
    simulated: bool = False

    def is_called(self, text: str) -> bool:
        """Whether a text is its name, address or device id."""
        return text.casefold() in (self.name.casefold(), self.address.casefold(), self.device_id.casefold())


def sensors_file() -> Path:
    """Return the path of the list of paired sensors."""
    return default_path(simulated=False).with_name("sensors.json")


def paired_sensors() -> list[PairedSensor]:
    """Return the sensors, in the order in which they were paired; raises StoreError if the file can't be read."""
    path = sensors_file()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return [
            PairedSensor(str(each["name"]), str(each["device_id"]), str(each["address"]), bool(each["simulated"]))
            for each in told["sensors"]
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"The list of your sensors, {path}, can't be read ({error}); make it readable, or delete it and pair your "
            "sensors again."
        ) from error


def version() -> int:
    """Return a number that changes whenever a sensor is remembered or forgotten, be it the same again."""
    try:
        return sensors_file().stat().st_mtime_ns
    except OSError:
        return 0


def called(text: str) -> PairedSensor | None:
    """Return the sensor of a name, address or device id; None if none is paired."""
    return next((sensor for sensor in paired_sensors() if sensor.is_called(text)), None)


def add_paired(sensor: PairedSensor) -> None:
    """Keep a sensor, in place of what was known of it; raises BadInput if its name is another's, or StoreError."""
    others = [other for other in paired_sensors() if other.device_id != sensor.device_id]
    if any(other.is_called(sensor.name) for other in others):
        raise BadInput(f"Another sensor of yours is called {sensor.name!r} already; choose another name.")
    _write([*others, sensor])


def forget(sensor: PairedSensor) -> None:
    """Keep a sensor no longer; raises StoreError."""
    _write([other for other in paired_sensors() if other.device_id != sensor.device_id])


def free_name(device_id: str) -> str:
    """Return the name that a sensor has, or a new one for one that has none yet."""
    known = paired_sensors()
    for sensor in known:
        if sensor.device_id == device_id:
            return sensor.name
    taken = {sensor.name.casefold() for sensor in known}
    numbered = (f"sensor {number}" if number > 1 else "sensor" for number in range(1, len(known) + 2))
    return next(name for name in numbered if name not in taken)


def checked_name(name: str) -> str:
    """Return a name without spaces around it; raises BadInput if it can't be the one of a sensor."""
    name = name.strip()
    if not name or not name.isprintable() or len(name) > LONGEST_NAME or is_address(name) or set("/\\:") & set(name):
        raise BadInput(
            f"A sensor can't be named {name!r}; give up to {LONGEST_NAME} letters, digits and spaces, which are no "
            "port or address."
        )
    return name


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
