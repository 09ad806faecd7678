"""Log mode and live mode: how long samples gather in the FIFO, and light sleep meanwhile where nobody looks."""

from .contract.records import ASLEEP_OFF_BODY, SLEEP_REFUSED, TASK_SAMPLER
from .contract.states import OFF_BODY
from .port import may_wake, sleep_ms

LIVE_BATCH_MS = 40  # somebody watches
BATCH_MS = 500  # awake
NEAR_BATCH_MS = 420  # an alert may be near: half a second, less what a decision may have to wait for its last samples
PRESS_BATCH_MS = 2000  # worn, on a chip that a press doesn't wake: the press has to last for as long
LONG_BATCH_MS = 4000  # nothing is about to happen, or nobody wears it; where the FIFO holds less, that
ATTENTION_MS = 30_000  # that the board stays awake after its start, a host's last word and a press of the button

DOZE_AFTER_MS = 180_000  # off the body
DOZE_MOST_MS = 600_000  # then it samples for a while: a body can move too gently for the chip to notice
DEEP_AFTER_MS = 1_800_000  # off the body, the board sleeps deeply: what wakes it then costs it a start
DEEP_AGAIN_MS = 300_000  # after something moved it that nobody put on
LOOK_MS = 30_000  # the length of a look, also after each alarm
_DOZE_MS = 10_000  # at a time, where the chip's interrupt wakes the board; less than the watchdog's time
_POLL_MS = 4000  # at a time, where nothing does
_REFUSALS = 3  # after which the chip's interrupt no longer counts
_SETTLE_MS = 100  # in which what the chip calls motion may come from having been set up


class Resting:
    """Waits between batches.

    On the ESP32 light sleep stops USB, PWM and all other tasks. Its tick counter counts with esp_timer (MicroPython's
    ports/esp32/mphalport.c), which ESP-IDF's sleep_modes.c puts right afterwards, so timers that were due meanwhile
    are late by no more than the sleep. So the board only sleeps on its battery, with no host at the other end, the
    motor off and nothing else under way; nor with the radio on, which light sleep would break.
    """

    def __init__(self, app, machine, imu, int_pin: "int | None", wake_on_high) -> None:
        """int_pin: where the IMU's interrupt arrives. wake_on_high: see App."""
        self._imu = imu
        self._uptime = app.uptime
        self._log = app.event_log
        self._pipeline = app.pipeline
        self._power = app.power
        self._motor = app.feedback.motor
        self._button = app.button
        self._tasks = app.tasks
        self._served = app.served
        self._lightsleep = machine.lightsleep
        self._most_ms = imu.batch_samples * 800 // imu.rate_hz  # with a margin, what the FIFO holds
        self._awake_until_ms: dict = {None: ATTENTION_MS}  # by who wants it
        self._doze_from_ms = DOZE_AFTER_MS
        self._look_at_ms = 0  # 0: it has looked
        self._doze_ms = _POLL_MS
        self._wake_on_high = wake_on_high
        self._interrupt = None  # the pin, where it ends light sleep
        if int_pin is not None and wake_on_high is not None:
            self._interrupt_mode = machine.Pin.IN, machine.Pin.PULL_DOWN  # it may not be wired
            interrupt = machine.Pin(int_pin, *self._interrupt_mode)
            if may_wake(wake_on_high, interrupt):
                self._interrupt = interrupt
                self._doze_ms = _DOZE_MS
        self._refusals = 0  # of light sleep, in a row
        self._can_span_sleep = app.can_span_sleep
        self._fall_asleep = app.fall_asleep
        self._journal = app.journal
        self._deep_from_ms = DEEP_AFTER_MS
        self.instants = 0  # deep sleeps in a row that a pin ended at once
        self.batch_ms = BATCH_MS

    def stay_awake(self, host=None) -> None:
        """Stay awake for a while from now on: somebody is there, or a host has sent something."""
        self._awake_until_ms[host] = self._uptime.now_ms() + ATTENTION_MS

    def attends(self) -> bool:
        """Return whether it stays awake for a person, not for a host."""
        return self._uptime.now_ms() < self._awake_until_ms[None]

    def leave(self, host) -> None:
        """Stay awake no longer because of a host whose link has ended."""
        self._awake_until_ms.pop(host, None)

    async def rest(self) -> None:
        """Wait until the next batch is due, or less if something wakes the board."""
        sleepy = self._sleepy()
        self.batch_ms = min(self._most_ms, self._batch_ms(sleepy))
        if sleepy:
            await self._sleep(self.batch_ms)
        else:
            await sleep_ms(self.batch_ms)

    def may_doze(self) -> bool:
        """Return whether the sensor has been off the body long enough for the chip alone to watch for motion."""
        now_ms = self._uptime.now_ms()
        if self._look_at_ms and now_ms >= self._look_at_ms:
            self._look_at_ms = 0
            self._doze_from_ms = now_ms + LOOK_MS
        if self._pipeline.posture.state != OFF_BODY:
            self._doze_from_ms = now_ms + DOZE_AFTER_MS
            self._deep_from_ms = now_ms + DEEP_AFTER_MS
            self.instants = 0
        return now_ms >= self._doze_from_ms and self.quiet() and not self._power.external()

    async def doze(self) -> None:
        """Sleep while the chip watches for motion by itself, until it was moved, somebody comes, or for a good while.

        The chip has to be started again afterwards. Raises OSError if the bus fails.
        """
        uptime = self._uptime
        if not self._look_at_ms:  # else it dozes on, after a host's visit
            self._look_at_ms = uptime.now_ms() + DOZE_MOST_MS
        self._imu.arm()
        await sleep_ms(_SETTLE_MS)
        self._imu.moved()
        moved = False
        while not moved and self.quiet() and not self._power.external() and uptime.now_ms() < self._look_at_ms:
            self._tasks.beat(TASK_SAMPLER)
            if self._deep_sleep_is_due():
                self._fall_asleep(ASLEEP_OFF_BODY)
                await sleep_ms(_DOZE_MS)  # the app ends meanwhile, and leaves the chip as it is
            await self._sleep(self._doze_ms)
            moved = self._imu.moved()
        self._imu.disarm()
        if moved:
            self._look_at_ms = uptime.now_ms()

    def expect_deep_sleep(self, delay_ms: int, instants: int) -> None:
        """Sleep deeply again off the body after a while; instants: see `instants`."""
        self._deep_from_ms = delay_ms
        self.instants = instants

    def may_sleep_deeply(self) -> bool:
        """Return whether it is off the body on a board that sleeps deeply then."""
        is_off = self._pipeline.posture.state == OFF_BODY
        return is_off and self._can_span_sleep and self._interrupt is not None and not self._power.external()

    def _deep_sleep_is_due(self) -> bool:
        """Return whether to sleep deeply, with the chip armed, all flushed, and no pin where it would end that at once.

        Without the chip's interrupt nothing would tell that the sensor is put on. So its wire is tested, too.
        Raises OSError if the bus fails.
        """
        if self._uptime.now_ms() < self._deep_from_ms or not self._can_span_sleep or self._interrupt is None:
            return False
        if self._served.radio_on() or not self._sleepy() or self._power.external() or self._button.is_down():
            return False
        self._imu.invert_interrupt(True)
        follows = self._interrupt.value()
        self._imu.invert_interrupt(False)
        if not follows or self._interrupt.value():
            return False
        try:
            self._journal.flush()
        except OSError:
            return False
        return True

    async def _sleep(self, duration_ms: int) -> None:
        uptime = self._uptime
        until_ms = uptime.now_ms() + duration_ms
        await sleep_ms(1)  # tasks that are due run first, which may take long
        began_ms = uptime.now_ms()
        if self._served.radio_on():
            await sleep_ms(BATCH_MS)
        if began_ms >= until_ms or not self._sleepy():
            return
        if self._interrupt is not None and self._interrupt.value():
            self._refuse()
            return
        self._refusals = 0
        self._motor.off()
        self._lightsleep(until_ms - began_ms)
        uptime.slept_ms += uptime.now_ms() - began_ms
        self._button.resume()
        if self._interrupt is not None:
            self._interrupt.init(*self._interrupt_mode)  # as in Button.resume()

    def _refuse(self) -> None:
        """Count a sleep that the ESP32 would refuse, since the chip's interrupt is at its wake level already.

        Motion ends that. A pin that stays there no longer wakes the board, or it would never sleep again.
        """
        self._refusals += 1
        if self._refusals == _REFUSALS:
            self._interrupt = None
            self._doze_ms = _POLL_MS
            self._wake_on_high()
            self._log.note_now(SLEEP_REFUSED)

    def _batch_ms(self, sleepy: bool) -> int:
        if self._served.watch():
            return LIVE_BATCH_MS
        if self._pipeline.alert_is_near():
            return NEAR_BATCH_MS
        if not sleepy:
            return BATCH_MS
        return LONG_BATCH_MS if self._button.wakes or self._pipeline.posture.state == OFF_BODY else PRESS_BATCH_MS

    def _sleepy(self) -> bool:
        return self.quiet() and not self._served.radio_on()

    def quiet(self) -> bool:
        """Return whether nothing but the radio's window is a reason to be awake."""
        return not (
            self._pipeline.external_power
            or self._motor.running
            or self._button.pressed
            or self._tasks.busy()
            or self._served.follow_by_cable()
            or self._served.watch()
            or self._uptime.now_ms() < max(self._awake_until_ms.values())
        )
