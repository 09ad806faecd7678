"""Checks a board file: given its text and the board's chip, returns every mistake in it as a sentence.

`unslouch flash` asks before it compiles anything: a wrong pin would only show as a crash on the board. The file is
read, not run.
"""

import ast
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from unslouch.errors import BadInput

from .probe import MOTION_SENSORS
from .targets import ESP32, ESP32C6, ESP32S3

MOTORS = ("erm", "drv2605-erm", "drv2605-lra")
PINS: dict[str, Container[int]] = {
    # The datasheets' "Pin Definitions", without the pins of the flash.
    ESP32.name: frozenset({*range(6), *range(12, 24), 25, 26, 27, *range(32, 40)}),
    ESP32S3.name: frozenset({*range(22), *range(33, 49)}),
    ESP32C6.name: frozenset({*range(24)}),
}
ANALOGUE: dict[str, Container[int]] = {
    # ADC1: MicroPython shares ADC2 with the radio.
    ESP32.name: range(32, 40),
    ESP32S3.name: range(1, 11),
    ESP32C6.name: range(7),
}
WAKING: dict[str, Container[int]] = {
    # RTC_VALID_EXT_PINS in MicroPython's ports/esp32/modesp32.h.
    ESP32.name: frozenset({0, 2, 4, *range(12, 16), 25, 26, 27, *range(32, 40)}),
    ESP32S3.name: range(22),
    ESP32C6.name: range(8),
}
EARLIER = {"HOLD_PIN": "FIRST_LEVELS = ((pin, 1),)"}
"""Names that earlier versions had, and what stands in their place."""

Value = str | int | float | None | tuple["Value", ...]


def check_board_file(path: Path, chip: str) -> None:
    """Raise BadInput with all mistakes of a board file. A chip that targets doesn't name may have any pin."""
    problems = list(problems_in(path.read_text(encoding="utf-8"), chip))
    if problems:
        raise BadInput(f"The board file {path} can't be used: {'; '.join(problems)}. Nothing was changed on the board.")


def values_in(text: str) -> dict[str, Value]:
    """Return the plain values of a board file by name; raises BadInput if it isn't Python."""
    return {name: value for name, value in _values(text) if not isinstance(value, _NotPlain)}


def problems_in(text: str, chip: str) -> Iterator[str]:
    """Yield what is wrong with the text of a board file."""
    values = dict(_values(text))
    for name, instead in EARLIER.items():
        if name in values:
            yield f"{name} is now written as {instead}"
    for name, (is_right, meaning) in _rules(chip).items():
        if name not in values:
            if not (name == "MOTOR_PIN" and str(values.get("MOTOR")).startswith("drv2605")):
                yield f"{name} is missing ({meaning})"
        elif isinstance(values[name], _NotPlain):
            yield f"{name} must be a plain value, such as a number or a text"
        elif not is_right(values[name]):
            yield f"{name} is {values[name]!r}, but must be {meaning}"
    yield from _clashes(values)


def _values(text: str) -> Iterator[tuple[str, "Value | _NotPlain"]]:
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise BadInput(f"The board file can't be read as Python ({error}); correct it.") from error
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, _value(value)


class _NotPlain:
    """Stands for what only running the file would tell."""


def _value(node: ast.expr) -> "Value | _NotPlain":
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
        case ast.BinOp(left=ast.Constant(value=int(left)), op=ast.Mult(), right=ast.Constant(value=int(right))):
            return left * right
        case ast.Tuple(elts=elements):
            values = [_value(element) for element in elements]
            return _NotPlain() if any(isinstance(each, _NotPlain) for each in values) else tuple(values)  # type: ignore[arg-type]
    return _NotPlain()


Rule = tuple[Callable[[object], bool], str]


def _rules(chip: str) -> dict[str, Rule]:
    """Return for each name of a board file what its value must be, as a test and in words."""
    pins, analogue, waking = (table.get(chip, range(64)) for table in (PINS, ANALOGUE, WAKING))
    sensors = tuple(each.part for each in MOTION_SENSORS)
    pin = (lambda value: _is_pin(value, pins)), f"a pin of the {chip or 'chip'}"
    axis = _is_axis, "three whole numbers of which one is 1 or -1, the others 0"
    wake = f"None, or a pin that can wake the {chip or 'chip'}"
    return {
        "NAME": ((lambda value: isinstance(value, str) and 0 < len(value.encode()) <= 32), "a text of up to 32 bytes"),
        "I2C_ID": ((lambda value: value in (0, 1)), "0 or 1"),
        "I2C_SDA": pin,
        "I2C_SCL": pin,
        "I2C_HZ": (_between(10_000, 1_000_000), "from 10000 to 1000000"),
        "FIRST_LEVELS": ((lambda value: _are_levels(value, pins)), "pairs of a pin and its level, 0 or 1"),
        "IMU": ((lambda value: value in sensors), f"one of {', '.join(sensors)}"),
        "IMU_INT_PIN": ((lambda value: value is None or _is_pin(value, waking)), wake),
        "BUTTON_PIN": pin,
        "LED_PIN": ((lambda value: value is None or _is_pin(value, pins)), f"None, or {pin[1]}"),
        "LED_ON": ((lambda value: value in (0, 1)), "0 or 1"),
        "MOTOR": ((lambda value: value in MOTORS), f"one of {', '.join(MOTORS)}"),
        "MOTOR_PIN": pin,
        "MOTOR_RATED_mV": (_between(500, 5600), "from 500 to 5600"),
        "MOTOR_CLAMP_mV": (_between(500, 5600), "from 500 to 5600"),
        "MOTOR_HZ": ((lambda value: value == 0 or _between(50, 300)(value)), "0, or from 50 to 300"),
        "BATTERY_PIN": ((lambda value: _is_pin(value, analogue)), "a pin that measures voltages beside the radio"),
        "BATTERY_DIVIDER": (_between(1, 10), "from 1 to 10"),
        "EXTERNAL_POWER_PIN": ((lambda value: value is None or _is_pin(value, waking)), wake),
        "FORWARD": axis,
        "SPARE": axis,
        "JOURNAL_BYTES": (_between(3 * 65_432, 1 << 30), "at least three segments of 65432 bytes"),
    }


def _clashes(values: "dict[str, Value | _NotPlain]") -> Iterator[str]:
    """Yield what is wrong with values that are right each by itself."""
    users: dict[int, list[str]] = {}
    for name, value in values.items():
        is_used = name in ("I2C_SDA", "I2C_SCL") or name.endswith("_PIN")
        if name == "MOTOR_PIN":
            is_used = values.get("MOTOR") == "erm"
        if is_used and isinstance(value, int):
            users.setdefault(value, []).append(name)
    for pin, names in users.items():
        if len(names) > 1:
            yield f"{' and '.join(names)} share pin {pin}"
    forward, spare = values.get("FORWARD"), values.get("SPARE")
    if _is_axis(forward) and _is_axis(spare) and any(a and b for a, b in zip(forward, spare, strict=True)):  # type: ignore[arg-type]
        yield "FORWARD and SPARE lie on the same axis"


def _is_pin(value: object, pins: Container[int]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in pins


def _between(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_axis(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 3 and sorted(map(abs, value)) == [0, 0, 1]


def _are_levels(value: object, pins: Container[int]) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(pair, tuple) and len(pair) == 2 and _is_pin(pair[0], pins) and pair[1] in (0, 1) for pair in value
    )
