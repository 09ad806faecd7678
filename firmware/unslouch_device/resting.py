"""Log mode and live mode: how long samples gather in the FIFO, and light sleep meanwhile where nobody looks."""

from .contract.states import OFF_BODY
from .port import sleep_ms

LIVE_BATCH_MS = 40  # somebody watches
BATCH_MS = 500  # awake, or something may be about to happen
LOG_BATCH_MS = 2000
AWAY_BATCH_MS = 4000  # nobody wears it
ATTENTION_MS = 30_000  # that the board stays awake after its start and after a host's last word


class Resting:
    """Waits between batches on behalf of `app`.

    On the ESP32 light sleep stops USB, PWM and, for all other tasks, time; its tick counter goes on. So the board only
    sleeps on its battery, with no host at the other end, the motor off and nothing else under way.
    """

    def __init__(self, app, machine, imu) -> None:
        self._app = app
        self._lightsleep = machine.lightsleep
        self._most_ms = imu.batch_samples * 800 // imu.rate_hz  # with a margin, what the FIFO holds
        self.batch_ms = BATCH_MS
        self.slept_ms = 0  # since boot

    async def rest(self) -> None:
        """Wait until the next batch is due, or less if something wakes the board."""
        sleepy = self._sleepy()
        self.batch_ms = min(self._most_ms, self._batch_ms(sleepy))
        if not sleepy:
            await sleep_ms(self.batch_ms)
            return
        await sleep_ms(1)  # whoever is late has a turn first
        app = self._app
        app.motor.off()
        began_ms = app.uptime.now_ms()
        self._lightsleep(self.batch_ms)
        self.slept_ms += app.uptime.now_ms() - began_ms

    def _batch_ms(self, sleepy: bool) -> int:
        app = self._app
        if app.watched():
            return LIVE_BATCH_MS
        if not sleepy or app.pipeline.posture.slouch.leaning or app.pipeline.alerter.given:
            return BATCH_MS
        return AWAY_BATCH_MS if app.pipeline.posture.state == OFF_BODY else LOG_BATCH_MS

    def _sleepy(self) -> bool:
        app = self._app
        return not (
            app.pipeline.external_power
            or app.motor.running
            or app.button.pressed
            or app.busy()
            or app.link.live_hz
            or app.uptime.now_ms() < app.link.heard_ms + ATTENTION_MS
        )
