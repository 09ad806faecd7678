"""Feedback: what the wearer feels and sees, by the motor and the light."""

from .contract.patterns import PULSES
from .contract.records import BUZZED, MOTOR_FAILED
from .contract.settings import PATTERN, RAMP, STRENGTH_PERCENT
from .on_demand import NotLoaded, load
from .parts.motor import ALERT_PATTERNS, BUZZ_PATTERN

CHARGING_BLINK_MS = 500


class Feedback:
    """Plays patterns of parts.motor at the strength that is set, and lets the light blink."""

    def __init__(self, motor, led, config, alerter, event_log, tasks) -> None:
        """alerter: of sense.alert, which knows whether the battery is too low for the motor. event_log: an EventLog."""
        self.motor = motor
        self._led = led
        self._config = config
        self._alerter = alerter
        self._log = event_log
        self._tasks = tasks
        self._motor_failed = False
        self._shows_charge = False

    def play(self, pattern: "tuple[int, ...]", urgent: bool = False, rises: bool = False) -> None:
        """Let the wearer feel a pattern, unless the battery is too low for it."""
        if not self._alerter.spared:
            self._tasks.send_off(self._vibrate, pattern, urgent, rises)

    def alert(self, number: int, which: "int | None" = None) -> None:
        """Let the wearer feel an alert; number: counted from 1 within its slouch. which: see contract.patterns.

        None: the pattern that is set. Where memory doesn't suffice to load it, it is the first one.
        """
        settings = self._config.settings
        if which is None:
            which = settings[PATTERN]
        pattern = ALERT_PATTERNS[min(number, len(ALERT_PATTERNS)) - 1]
        if which != PULSES:
            try:
                pattern = load("patterns").alert_pattern(self._config, which, number) or pattern
            except NotLoaded:
                pass
        self.play(pattern, True, settings[RAMP] != 0)

    async def _vibrate(self, pattern: "tuple[int, ...]", urgent: bool, rises: bool) -> None:
        """Play a pattern, and journal once that the motor can't be reached."""
        errors = self.motor.bus_errors
        await self.motor.play(pattern, self._config.settings[STRENGTH_PERCENT], urgent, rises)
        failed = self.motor.bus_errors != errors
        if failed and not self._motor_failed:
            self._log.note_now(MOTOR_FAILED, self.motor.bus_errors)
        self._motor_failed = failed

    def buzz(self) -> None:
        """Let the motor show that it works, or, the first time, let its driver calibrate itself to it."""
        self._log.note_now(BUZZED)
        if self.motor.calibrated or self._alerter.spared:
            self.play(BUZZ_PATTERN)
        elif not self.motor.running:
            self._tasks.send_off(self._calibrate_motor)

    async def _calibrate_motor(self) -> None:
        """Keep what a driver found out about its motor, which vibrates meanwhile; if that fails, next time will do."""
        try:
            found = await self.motor.calibrate()
            if found is not None:
                self._config.remember_motor(found)
                return
        except OSError:  # of the bus, or of flash
            pass
        self.play(BUZZ_PATTERN)

    def blink(self, times: int) -> None:
        """Let the light, where there is one, blink so many times."""
        self._tasks.send_off(self._led.blink, times)

    def show_charge(self, charging: bool, full: bool) -> None:
        """Let the light blink while the cell is charging, and shine once it is full; to be called every few seconds."""
        if charging and not full:
            self._tasks.send_off(self._led.blink, 1, CHARGING_BLINK_MS)
        elif charging or self._shows_charge:
            self._led.shine(charging)
        self._shows_charge = charging
