"""The cell's voltage through a divider, what it says of the charge, and whether there is external power."""

from .gauge import Gauge


class Power:
    """Reads the battery and the external supply.

    On a board without a pin that senses external power there never is any: it sleeps as on its battery, and a charge
    is believed once it has risen by much. Taking it for plugged in would drain the cell within hours.
    """

    def __init__(self, machine, battery_pin: int, divider: int, external_pin: "int | None") -> None:
        """divider: cell voltage over the pin's."""
        self._adc = machine.ADC(machine.Pin(battery_pin, machine.Pin.IN), atten=machine.ADC.ATTN_11DB)
        self._divider = divider
        self._external = None if external_pin is None else machine.Pin(external_pin, machine.Pin.IN)
        self._gauge = Gauge(knows_charging=external_pin is not None)
        self.battery_mV = 0
        self.measure(False)

    @property
    def battery_percent(self) -> int:
        """The charge, or BATTERY_UNKNOWN."""
        return self._gauge.percent

    def measure(self, loaded: bool) -> None:
        """Read the cell's voltage; loaded: while it feeds more than the sensor at work."""
        self.battery_mV = self._adc.read_uv() * self._divider // 1000
        self._gauge.update(self.battery_mV, loaded, self.external())

    @property
    def knows_external(self) -> bool:
        """Whether a pin senses external power."""
        return self._external is not None

    def may_be_plugged_in(self) -> bool:
        """Return whether USB or a charger feeds the board, or no pin senses that."""
        return self._external is None or self.external()

    def external(self) -> bool:
        """Return whether USB or a charger feeds the board."""
        return self._external is not None and bool(self._external.value())
