"""A LiPo cell's charge from its voltage: corrected for the load, smoothed, and never rising while it discharges."""

from ..contract.payloads import BATTERY_UNKNOWN

# Voltage in mV of a cell at rest that holds 0 %, 5 % and so on; linear between. Source: Ampow, "Lipo Voltage Chart",
# column 1S (blog.ampow.com/lipo-voltage-chart).
_STEP_PERCENT = 5
_CURVE_mV = (
    3270, 3610, 3690, 3710, 3730, 3750, 3770, 3790, 3800, 3820, 3840, 3850, 3870, 3910, 3950, 3980, 4020, 4080, 4110,
    4150, 4200,
)  # fmt: skip
NO_CELL_BELOW_mV = 2500
NO_CELL_ABOVE_mV = 4400
_SMOOTHING = 8  # measurements
_CHARGED_PERCENT = 20  # more than a cell seems to recover by once it is relieved of its load


def percent_at_rest(battery_mV: int) -> int:
    """Return the charge in percent of a cell that has rested at a voltage."""
    low_mV = _CURVE_mV[0]
    if battery_mV <= low_mV:
        return 0
    for i in range(1, len(_CURVE_mV)):
        high_mV = _CURVE_mV[i]
        if battery_mV <= high_mV:
            return _STEP_PERCENT * (i - 1) + _STEP_PERCENT * (battery_mV - low_mV) // (high_mV - low_mV)
        low_mV = high_mV
    return 100


class Gauge:
    """Follows one cell; feed it every ten seconds or so.

    The currents flow through the cell's and its protection's resistance: what is measured lies below the voltage at
    rest by that much, or above it while charging.
    """

    def __init__(
        self,
        resistance_mOhm: int = 300,
        idle_mA: int = 25,
        loaded_mA: int = 85,
        charging_mA: int = 100,
        knows_charging: bool = True,
    ) -> None:
        """loaded_mA: while the motor runs, or radio does. charging_mA: net of what the board takes.

        knows_charging: whether update() is given it; if not, a charge that has risen by much is believed.
        """
        self._least_rise = 101 if knows_charging else _CHARGED_PERCENT
        self._charged = False  # going by the voltage alone
        self._idle_mV = idle_mA * resistance_mOhm // 1000
        self._loaded_mV = loaded_mA * resistance_mOhm // 1000
        self._charging_mV = charging_mA * resistance_mOhm // 1000
        self._sum_mV = 0  # _SMOOTHING times the voltage at rest; 0: none yet
        self.percent = BATTERY_UNKNOWN

    def update(self, battery_mV: int, loaded: bool, charging: bool) -> int:
        """Take a measurement and return the charge in percent, or BATTERY_UNKNOWN for a voltage that no cell has."""
        if not NO_CELL_BELOW_mV <= battery_mV <= NO_CELL_ABOVE_mV:
            self._sum_mV = 0
            self.percent = BATTERY_UNKNOWN
            return self.percent
        if charging:
            rest_mV = battery_mV - self._charging_mV
        else:
            rest_mV = battery_mV + (self._loaded_mV if loaded else self._idle_mV)
        if self._sum_mV:
            self._sum_mV += rest_mV - self._sum_mV // _SMOOTHING
        else:
            self._sum_mV = rest_mV * _SMOOTHING
        percent = percent_at_rest(self._sum_mV // _SMOOTHING)
        rise = percent - self.percent
        if rise < 0:
            self._charged = False
        elif rise >= self._least_rise:
            self._charged = True
        if charging or self._charged or self.percent == BATTERY_UNKNOWN or rise < 0:
            self.percent = percent
        return self.percent
