"""The battery: warns when it is low, then spares the motor, and puts an empty board to sleep until it is charged."""

from .contract import records as r
from .contract.payloads import BATTERY_UNKNOWN
from .port import sleep_ms

MEASURE_MS = 10_000
SHOW_MS = 2000  # between two looks at the cable, for the light
EVENT_MS = 3_600_000
FULL_PERCENT = 90  # of which the light says full: tolerances of the divider may hide the last tenth
WARNING_PERCENT = 15
MOTOR_OFF_PERCENT = 5
HYSTERESIS_PERCENT = 5  # by which it has to come up again: a cell recovers a little by itself
# Below 3.3 V a XIAO draws some 300 µA in deep sleep instead of 12, and drains its cell before anybody charges it.
EMPTY_MV = 3400  # also in deep_sleep.py
EMPTY_MEASUREMENTS = 3  # in a row: the motor's current pulls the voltage down for a moment
WARNING_PATTERN = (80, 120, 80, 120, 500)
WARNING_BLINKS = 3

_FALLS_TO_PERCENT = (101, WARNING_PERCENT, MOTOR_OFF_PERCENT)  # at which a level is reached


class Battery:
    """Follows the charge. `level` is 0, BATTERY_WARNING, BATTERY_MOTOR_OFF or BATTERY_EMPTY."""

    def __init__(self, app) -> None:
        self._power = app.power
        self._uptime = app.uptime
        self._log = app.event_log
        self._feedback = app.feedback
        self._alerter = app.pipeline.alerter  # which spares the motor while the battery is low
        self._supervisor = app.supervisor
        self.level = 0
        self._empty = 0  # measurements in a row

    async def run(self, is_loaded, fall_asleep) -> None:
        """Measure until the cell is empty.

        is_loaded: a function that tells whether the cell feeds more than the sensor at work. fall_asleep: one that is
        called once the cell is empty.
        """
        noted_ms = self._uptime.now_ms()
        while True:
            for _ in range(MEASURE_MS // SHOW_MS):
                self._supervisor.beat(r.TASK_BATTERY)
                self._show_charge()
                await sleep_ms(SHOW_MS)
            if self._feedback.motor.running:
                continue  # which says more about the motor
            self._power.measure(is_loaded())
            now_ms = self._uptime.now_ms()
            if now_ms - noted_ms >= EVENT_MS:
                self.note()
                noted_ms = now_ms
            self.judge()
            if self.level == r.BATTERY_EMPTY:
                await sleep_ms(SHOW_MS)  # in which linked hosts get the event
                fall_asleep()

    def _show_charge(self) -> None:
        percent = self._power.battery_percent
        charging = percent != BATTERY_UNKNOWN and self._power.external()  # else there may be no cell
        self._feedback.show_charge(charging, percent >= FULL_PERCENT)

    def note(self) -> None:
        """Journal the charge."""
        self._log.note_now(r.BATTERY, self._power.battery_mV, self._power.battery_percent)

    def judge(self) -> None:
        """Set the level by the latest measurement."""
        if self._power.battery_percent == BATTERY_UNKNOWN:
            return
        external = self._power.external()
        self._rise()
        if not external:
            self._fall()
        self._alerter.spared = self.level >= r.BATTERY_MOTOR_OFF and not external
        self._empty = 0 if external or self._power.battery_mV > EMPTY_MV else self._empty + 1
        if self._empty >= EMPTY_MEASUREMENTS:
            self._change(r.BATTERY_EMPTY)

    def _rise(self) -> None:
        """Leave levels that the charge is well above."""
        level = min(self.level, r.BATTERY_MOTOR_OFF)
        while level and self._power.battery_percent >= _FALLS_TO_PERCENT[level] + HYSTERESIS_PERCENT:
            level -= 1
        if level < self.level:
            self._change(level)

    def _fall(self) -> None:
        level = self.level
        while level < r.BATTERY_MOTOR_OFF and self._power.battery_percent <= _FALLS_TO_PERCENT[level + 1]:
            level += 1
        if level > self.level:
            self._change(level)
            self._feedback.play(WARNING_PATTERN)
            self._feedback.blink(WARNING_BLINKS)

    def _change(self, level: int) -> None:
        self.level = level
        power = self._power
        self._log.note_now(r.BATTERY_LOW, level or r.BATTERY_GOOD, power.battery_mV, power.battery_percent)
