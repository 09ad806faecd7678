"""Why each value of the circuit is what it is, computed from the parts' data and the board files."""

from dataclasses import dataclass

from .boards import Board

SUPPLY_V = 3.3
CELL_FULL_V = 4.2
USB_LEAST_V, USB_MOST_V = 4.4, 5.25
"""At the end of a cable (USB 2.0, section 7.2.2)."""
HIGH_PART = 0.75
"""Of the supply an input takes for a high (ESP32-S3 and ESP32-C6 datasheets, "DC characteristics")."""
BATTERY_UPPER_OHM = BATTERY_LOWER_OHM = 220_000
BATTERY_F = 100e-9
USB_UPPER_OHM, USB_LOWER_OHM = 220_000, 330_000
GATE_SERIES_OHM, GATE_DOWN_OHM = 100, 10_000
GATE_F = 630e-12
"""Input capacitance of the AO3400A (datasheet)."""
GATE_THRESHOLD_V = 1.45
"""Above it the AO3400A begins to conduct, at most (datasheet)."""
MOTOR_A = 0.09
"""What a 10 mm ERM takes at 3.3 V, at most."""
PIN_A = 0.04
"""What a pin of the chip gives, at most (ESP32-S3 datasheet, "Absolute maximum ratings")."""
CELL_MAH = 400
CHARGE_C = 0.5
"""Recommended charge current per capacity (cells of this size: 0.5 C standard, 1 C at most)."""


@dataclass(frozen=True)
class Value:
    """The reason of one value: what it is about, the sentence, and whether it holds."""

    subject: str
    sentence: str
    holds: bool


def derive(board: Board) -> list[Value]:
    """Return the derived values of a build around a XIAO; empty for a board that brings its own circuit."""
    if not any(wire.part == "driver" for wire in board.wires):
        return []
    return [*_driver(), *_dividers(), *_charging(board)]


def _driver() -> list[Value]:
    gate_V = SUPPLY_V * GATE_DOWN_OHM / (GATE_DOWN_OHM + GATE_SERIES_OHM)
    peak_A = SUPPLY_V / GATE_SERIES_OHM
    rise_ns = GATE_SERIES_OHM * GATE_F * 1e9
    return [
        Value(
            "flyback diode",
            f"The motor is a coil: when the MOSFET switches off, its {MOTOR_A * 1000:.0f} mA go on "
            "through the diode, which is made for "
            "1 A. Without it the voltage would rise until the MOSFET breaks down.",
            MOTOR_A < 1,
        ),
        Value(
            "gate pull-down",
            f"While the chip starts, its pin floats, and {GATE_DOWN_OHM // 1000} kΩ hold the gate at "
            "ground. When the pin is high the "
            f"gate still gets {gate_V:.2f} V, well above the {GATE_THRESHOLD_V} V at which the MOSFET "
            "begins to conduct; the resistor "
            f"then takes {SUPPLY_V / GATE_DOWN_OHM * 1000:.2f} mA, and only while the motor runs.",
            gate_V > 2.5 > GATE_THRESHOLD_V,
        ),
        Value(
            "gate resistor",
            f"Charging the gate takes {peak_A * 1000:.0f} mA at first, less than the {PIN_A * 1000:.0f} "
            "mA that a pin may give, and is "
            f"done in some {3 * rise_ns:.0f} ns.",
            peak_A < PIN_A,
        ),
        Value(
            "motor supply",
            "A 3 V motor is not made for a full cell's 4.2 V, so it is fed from 3V3. Its regulator has "
            "enough left beside the radio.",
            CELL_FULL_V > SUPPLY_V,
        ),
    ]


def _dividers() -> list[Value]:
    cell_A = CELL_FULL_V / (BATTERY_UPPER_OHM + BATTERY_LOWER_OHM)
    middle_V = CELL_FULL_V * BATTERY_LOWER_OHM / (BATTERY_UPPER_OHM + BATTERY_LOWER_OHM)
    parallel_ohm = BATTERY_UPPER_OHM * BATTERY_LOWER_OHM / (BATTERY_UPPER_OHM + BATTERY_LOWER_OHM)
    part = USB_LOWER_OHM / (USB_UPPER_OHM + USB_LOWER_OHM)
    least_V, most_V = USB_LEAST_V * part, USB_MOST_V * part
    return [
        Value(
            "battery divider",
            f"Two equal resistors halve the cell's {CELL_FULL_V} V to {middle_V:.1f} V, which the chip "
            "can measure. They take "
            f"{cell_A * 1e6:.1f} µA, {cell_A * 1000 * 24:.2f} mAh a day, whether the sensor is on or off. "
            "So large resistors can't charge the "
            f"chip's sampling capacitor fast enough: {BATTERY_F * 1e9:.0f} nF do, and are recharged within "
            f"{3 * parallel_ohm * BATTERY_F * 1000:.0f} ms.",
            middle_V < 3.1 and cell_A < 15e-6,
        ),
        Value(
            "5 V divider",
            f"The chip takes {HIGH_PART * SUPPLY_V:.3f} V for a high. {USB_UPPER_OHM // 1000} kΩ over "
            f"{USB_LOWER_OHM // 1000} kΩ give "
            f"{least_V:.2f} V where a port gives only {USB_LEAST_V} V, and {most_V:.2f} V at {USB_MOST_V} "
            "V, which is within the supply. Two "
            f"equal resistors would give {USB_LEAST_V / 2:.1f} V. They take current from USB only.",
            HIGH_PART * SUPPLY_V < least_V < most_V < SUPPLY_V,
        ),
    ]


def _charging(board: Board) -> list[Value]:
    rate = board.charge_mA / CELL_MAH
    return [
        Value(
            "charge current",
            f"The board charges with {board.charge_mA} mA: {rate:.2f} C for a cell of {CELL_MAH} mAh, full in some "
            f"{CELL_MAH / board.charge_mA * 1.25:.0f} h. A cell takes {CHARGE_C} C, so don't use one below "
            f"{board.charge_mA / CHARGE_C:.0f} mAh.",
            rate <= CHARGE_C,
        )
    ]
