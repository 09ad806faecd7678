"""The cell's voltage through a divider, what it says of the charge, and whether external power is present."""

from ..contract.messages import BATTERY_UNKNOWN

# Open-circuit voltage of a LiPo cell in mV and its charge in percent, linear between.
_CURVE = ((3300, 0), (3600, 10), (3700, 25), (3800, 50), (3900, 65), (4000, 80), (4180, 100))


def percent_of(battery_mV: int) -> int:
    """Return the charge in percent, or BATTERY_UNKNOWN for a voltage that no cell has."""
    if not 2500 <= battery_mV <= 4400:
        return BATTERY_UNKNOWN
    if battery_mV <= _CURVE[0][0]:
        return 0
    for i in range(1, len(_CURVE)):
        high_mV, high = _CURVE[i]
        if battery_mV <= high_mV:
            low_mV, low = _CURVE[i - 1]
            return low + (high - low) * (battery_mV - low_mV) // (high_mV - low_mV)
    return 100


class Power:
    """Reads the battery and the external supply."""

    def __init__(self, machine, battery_pin: int, divider: int, external_pin: int) -> None:
        """divider: cell voltage over the pin's."""
        self._adc = machine.ADC(machine.Pin(battery_pin, machine.Pin.IN), atten=machine.ADC.ATTN_11DB)
        self._divider = divider
        self._external = machine.Pin(external_pin, machine.Pin.IN)
        self.battery_mV = 0
        self.battery_percent = BATTERY_UNKNOWN
        self.measure()

    def measure(self) -> None:
        """Read the cell's voltage."""
        self.battery_mV = self._adc.read_uv() * self._divider // 1000
        self.battery_percent = percent_of(self.battery_mV)

    def external(self) -> bool:
        """Tell whether USB or a charger feeds the board."""
        return bool(self._external.value())
