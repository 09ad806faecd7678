"""The app: makes the parts of a board, and runs the tasks that join them."""

import asyncio

from . import VERSION
from .battery import SLEEP_MS, Battery, stays_asleep
from .calibrating import Calibrating
from .config import Config
from .contract import messages as m
from .contract import records as r
from .contract.settings import SNOOZE_MIN, STRENGTH_PERCENT, are_consistent
from .crashes import Crashes
from .files import make_folder
from .journal import Journal
from .link.radio import PERIOD_S, Radio
from .link.serial import SerialLink
from .link.server import LinkServer
from .parts import haptics, imu
from .parts.button import Button
from .parts.led import Led
from .parts.motor import ALERT_PATTERNS, BUZZ_PATTERN, DONE_PATTERN, PULSE_PATTERN
from .parts.power import Power
from .port import random_id, sleep_ms
from .resting import Resting
from .sampler import Sampler
from .sense.pipeline import Pipeline
from .slots import note_prompt, reset_asked_for
from .supervisor import Supervisor
from .tail import rtc_memory
from .uptime import Uptime

OWN_CLOCK_MS = 3_600_000
PAIRING_MS = 120_000
HOLD_PATTERNS = {  # let go now, and that is done
    r.HELD_TO_PAIR: (80, 80, 80, 80, 80),
    r.HELD_TO_ERASE: (350,),
    r.HELD_TO_STOP: (350, 150, 350),
}
REFUSED_PATTERN = (600,)  # what was asked for with the button could not be done
START_BLINKS = 1
PAIRING_BLINKS = 5
PRESSES_REZERO = 1
PRESSES_SNOOZE = 2
PRESSES_NEXT_PROFILE = 3
_WATCHED_TASKS = r.TASK_SUPERVISOR  # those before it


class App:
    """One board at work. Everything it touches is handed in, so it runs on real and simulated hardware alike.

    board: a module of boards/. machine: MicroPython's `machine` or its like. ticks_ms: a counter that wraps at 2**30.
    channel: see link.stdio. folder: where the flash's files go. own_utc_ms: only for a simulated board that runs at a
    speed of its own, a function that returns its UTC. wake_on_high: a function, where there is one, that lets the pins
    that it is given, and no others, end sleep. bluetooth: MicroPython's module or its like, where there is one.
    confirm: a function that is called once this firmware has shown that it works: an epoch, or the beginning or end of
    a time without, is durable, and a host was answered. A good run does where the IMU fails, and where no host asked.
    It raises OSError if flash fails.
    """

    def __init__(
        self,
        board,
        machine,
        ticks_ms,
        channel,
        folder: str,
        simulated: bool = False,
        own_utc_ms=None,
        wake_on_high=None,
        bluetooth=None,
        confirm=None,
    ) -> None:
        for pin, level in board.FIRST_LEVELS:
            machine.Pin(pin, machine.Pin.OUT, value=level)
        self.name = board.NAME
        self.simulated = simulated
        self.own_utc_ms = own_utc_ms
        self.window_period_s = PERIOD_S if bluetooth is not None else 0
        self.device_id = (machine.unique_id() + bytes(8))[:8]
        self._machine = machine
        self._wake_on_high = wake_on_high
        self.power = Power(machine, board.BATTERY_PIN, board.BATTERY_DIVIDER, board.EXTERNAL_POWER_PIN)
        if stays_asleep(self.power, machine.reset_cause()):
            self._sleep_deeply()
        self._confirm = confirm
        self.asked = self.answered = False  # by and to a host, on any link
        self._asleep = False  # whether run() is to end in deep sleep
        self._stopped = asyncio.Event()
        self._tasks: list = []
        self._errands: list = []  # short tasks: patterns, calibrations
        self._failure: "Exception | None" = None  # the exception that ended a task
        self.uptime = Uptime(ticks_ms)
        make_folder(folder)
        self.crashes = Crashes(folder)
        self.supervisor = Supervisor(self, machine, _WATCHED_TASKS)
        self._rtc_memory = rtc_memory(machine)
        self.journal = Journal(folder + "/journal", board.JOURNAL_BYTES, random_id(), self._rtc_memory)
        self.config = Config(folder, self.journal.highest_calibration_id)
        self.alerts = 0  # since boot
        self.pairing_until_ms = 0  # an uptime
        self.flash_errors = 0
        self._motor_failed = False
        i2c = machine.I2C(
            board.I2C_ID, scl=machine.Pin(board.I2C_SCL), sda=machine.Pin(board.I2C_SDA), freq=board.I2C_HZ
        )
        chip = imu.find(i2c, board.IMU)
        self.motor = haptics.motor_of(board, machine, i2c, self.config.motor_calibration)
        self.led = Led(machine, board.LED_PIN, board.LED_ON)
        self.battery = Battery(self, self.power)
        self.button = Button(machine, board.BUTTON_PIN, ticks_ms)
        self.pipeline = Pipeline(chip.rate_hz, chip.gyro_dps_per_count, self.config.settings)
        self.pipeline.alerter.fading.restore(self.config.fading)
        self._fading_tried = self.config.fading  # steps
        self.calibrating = Calibrating(self, board, chip)
        self.sampler = Sampler(self, chip)
        self.journal.interlude = self.sampler.catch_up
        self.resting = Resting(self, machine, chip, board.IMU_INT_PIN, wake_on_high)
        self.link = LinkServer(self, SerialLink(channel))
        self.links = [self.link]  # and those over the air
        self.radio = Radio(self, bluetooth, machine.idle, folder + "/bonds")
        self._boot(machine.reset_cause())

    def _boot(self, cause: int) -> None:
        """Make this boot's number durable before any host can see it."""
        self.boot_cause = cause
        if cause == r.BOOT_WATCHDOG:
            self.crashes.keep_watchdog()
        elif cause == r.BOOT_HARD_RESET and not reset_asked_for(self._rtc_memory):
            self.crashes.keep_panic()
        self.note_now(r.BOOT, cause, *VERSION)
        crash = self.crashes.untold()
        if crash is not None:
            self.note_now(r.CRASHED, *crash)
        self._note_own_clock()
        self.battery.note()
        self.flush()

    async def run(self) -> None:
        """Work until stop() is called; an exception in any task is kept in flash, ends the app and is raised here."""
        self.start(self.sampler.run, r.TASK_SAMPLER)
        self.start(self._keep_journal, r.TASK_JOURNAL)
        self.start(self.link.serve, r.TASK_LINK)
        self.start(self.link.stream, r.TASK_TELEMETRY)
        self.start(self.battery.run, r.TASK_BATTERY)
        self.start(self._watch_button, r.TASK_BUTTON)
        self.start(self.supervisor.run, r.TASK_SUPERVISOR)
        if self.own_utc_ms is not None:
            self.start(self._keep_clock, r.TASK_CLOCK)
        if self.window_period_s:
            self.start(self.radio.run, r.TASK_RADIO)
        self.blink(START_BLINKS)
        try:
            await self._stopped.wait()
            if self._failure is not None:
                raise self._failure
        finally:
            for task in self._tasks + self._errands:
                task.cancel()
            self.motor.off()
            self.flush()
            self.supervisor.release()
            self.radio.off()
        if self._asleep:
            self.sampler.stop()
            self._sleep_deeply()
        if not self.journal.unflushed:  # else the memory holds records
            note_prompt(self._rtc_memory)

    def _sleep_deeply(self) -> None:
        """Sleep until external power comes, or for SLEEP_MS; the board starts again afterwards."""
        self.power.wake(self._wake_on_high)
        self._machine.deepsleep(SLEEP_MS)

    def stop(self) -> None:
        """End run()."""
        self._stopped.set()

    def fall_asleep(self) -> None:
        """End run() in deep sleep; the board starts again after SLEEP_MS."""
        self._asleep = True
        self.stop()

    def start(self, job, task: int):
        """Let a task run beside the others, and return it: the coroutine function job, told by its number."""
        self._tasks = [other for other in self._tasks if not other.done()]
        self._tasks.append(asyncio.create_task(self._guard(task, job)))
        return self._tasks[-1]

    def send_off(self, errand, *arguments) -> None:
        """Let a short task run beside the others: the coroutine function errand, called with the arguments."""
        self._errands = [task for task in self._errands if not task.done()]
        self._errands.append(asyncio.create_task(self._guard(r.TASK_ERRAND, errand, *arguments)))

    async def _guard(self, task: int, job, *arguments) -> None:
        try:
            await job(*arguments)
        except Exception as error:  # noqa: BLE001 - a task's edge: whatever it is, it must be found out about
            self._failure = error
            self.stop()  # even where there is no memory left to keep it
            self.crashes.keep(error, task)

    def busy(self) -> bool:
        """Tell whether a short task is under way."""
        return any(not task.done() for task in self._errands)

    def watched(self) -> bool:
        """Tell whether a host follows the live picture."""
        return self.most_hz() > 1 or self.sampler.calibrator is not None

    def most_hz(self) -> int:
        """Return the most live samples per second that a host has asked for."""
        return max([link.live_hz for link in self.links])

    # The journal

    def note(self, code: int, uptime_ms: int, *fields: int) -> None:
        """Append an event to the journal and show it to the hosts."""
        record = self.journal.append_event(code, uptime_ms, *fields)
        if code == r.BOOT:
            return
        for link in self.links:
            link.send_event(record)
        if code == r.SLOUCH_STARTED:
            self.radio.open_window()

    def note_now(self, code: int, *fields: int) -> None:
        """As note(), of what happens now."""
        self.note(code, self.uptime.now_ms(), *fields)

    def flush(self) -> None:
        """Make the journal durable; where flash fails now, the next flush tries again."""
        try:
            self.journal.flush()
        except OSError:
            self.flash_errors += 1

    async def _keep_journal(self) -> None:
        while True:
            self.supervisor.beat(r.TASK_JOURNAL)
            await sleep_ms(1000)
            try:
                self.journal.flush_due(self.uptime.now_ms(), self.most_hz() > 0)
                self._keep_learned()
                self._prove()
            except OSError:
                self.flash_errors += 1

    def _keep_learned(self) -> None:
        """Save what walking looks like now, or how far alerts have faded; raises OSError if flash fails."""
        steps = self.pipeline.alerter.fading.steps
        if self.pipeline.walking.learned:
            self.sampler.catch_up()
            self.calibrating.remember_walking()
        elif steps != self._fading_tried:
            self._fading_tried = steps  # even if it fails: not again before there is more to keep
            self.sampler.catch_up()
            self.config.remember_fading(steps)

    def _prove(self) -> None:
        if self._confirm is None:
            return
        good_run = self.supervisor.proved
        recorded = good_run or 0 < self.sampler.proof_sequence <= self.journal.flushed_sequence
        if recorded and (self.answered or (good_run and not self.asked)):
            self.sampler.catch_up()
            self._confirm()
            self._confirm = None

    def note_clock(self, utc_ms: int, zone_quarter_h: int) -> None:
        """Anchor this boot's uptime to a host's clock; at once durable, since dating hangs on it."""
        self.note_now(r.HOST_CLOCK, utc_ms & 0xFFFFFFFF, utc_ms >> 32, zone_quarter_h)
        self.flush()

    def _note_own_clock(self) -> None:
        if self.own_utc_ms is not None:
            utc_ms = self.own_utc_ms()
            self.note_now(r.HOST_CLOCK, utc_ms & 0xFFFFFFFF, utc_ms >> 32, 0)

    async def _keep_clock(self) -> None:
        while True:
            await sleep_ms(OWN_CLOCK_MS)
            self._note_own_clock()

    # Settings and what the host may ask for

    def allows(self, id: int, value: int) -> bool:
        """Tell whether a value goes with the other settings."""
        values = dict(self.config.settings)
        values[id] = value
        return are_consistent(values)

    def change_setting(self, id: int, value: int) -> None:
        """Take a new value whose range the link has checked; raises OSError, and changes nothing, if flash fails."""
        self.config.change(id, value)
        self.pipeline.configure(self.config.settings)
        self.journal.context(self.config.revision, self.config.calibration_id)
        self.note_now(r.SETTING_CHANGED, id, value, self.config.revision)
        self.flush()  # a page must not name a revision that no event explains

    def snooze(self, minutes: int) -> int:
        """Keep the motor quiet and return for how many minutes."""
        if minutes == m.SNOOZE_AS_SET:
            minutes = self.config.settings[SNOOZE_MIN]
        self.pipeline.alerter.snooze(minutes * 60)
        self.note_now(r.SNOOZED, minutes)
        return minutes

    def buzz(self) -> None:
        """Let the motor show that it works, or, the first time, let its driver get to know it."""
        self.note_now(r.BUZZED)
        if self.motor.calibrated or self.pipeline.alerter.spared:
            self.play(BUZZ_PATTERN)
        elif not self.motor.running:
            self.send_off(self._calibrate_motor)

    async def _calibrate_motor(self) -> None:
        """Keep what a driver found out about its motor, which vibrates meanwhile; if that fails, next time will do."""
        try:
            found = await self.motor.calibrate()
            if found is not None:
                self.config.remember_motor(found)
                return
        except OSError:  # of the bus, or of flash
            pass
        self.play(BUZZ_PATTERN)

    # What the sampler finds

    def alert(self, uptime_ms: int, forward_cdeg: int, number: int, mode: int) -> None:
        """Vibrate, the more the higher the number of the alert in its slouch, and journal it."""
        self.alerts += 1
        self.note(r.ALERT, uptime_ms, forward_cdeg, number, mode)
        self.play(ALERT_PATTERNS[min(number, len(ALERT_PATTERNS)) - 1], urgent=True)

    def corrected_pulse(self) -> None:
        """Let the wearer feel that a correction was seen."""
        self.play(PULSE_PATTERN)

    def unplugged(self) -> None:
        """External power went away, and with it a host on the cable that can't say good-bye."""
        self.link.live_hz = 0
        self.radio.count_windows()

    def play(self, pattern: "tuple[int, ...]", urgent: bool = False) -> None:
        """Let the wearer feel a pattern of parts.motor, unless the battery is too low for it."""
        if not self.pipeline.alerter.spared:
            self.send_off(self._vibrate, pattern, urgent)

    async def _vibrate(self, pattern: "tuple[int, ...]", urgent: bool) -> None:
        """Play a pattern, and tell once of a motor that can't be reached."""
        errors = self.motor.bus_errors
        await self.motor.play(pattern, self.config.settings[STRENGTH_PERCENT], urgent)
        failed = self.motor.bus_errors != errors
        if failed and not self._motor_failed:
            self.note_now(r.MOTOR_FAILED, self.motor.bus_errors)
        self._motor_failed = failed

    def blink(self, times: int) -> None:
        """Let the light, where there is one, show that something has happened."""
        self.send_off(self.led.blink, times)

    # The button

    async def _watch_button(self) -> None:
        while True:
            self.supervisor.waiting(r.TASK_BUTTON)
            presses = await self.button.presses(self._button_ms, self._let_go_now)
            self.supervisor.beat(r.TASK_BUTTON)
            self.resting.stay_awake()
            if presses:
                self.note_now(r.BUTTON, presses)
            if presses == PRESSES_REZERO:
                self.calibrating.begin(m.REZERO, self._let_feel)
            elif presses == PRESSES_SNOOZE:
                self.snooze(m.SNOOZE_AS_SET)
                self.play(DONE_PATTERN)
            elif presses == PRESSES_NEXT_PROFILE:
                await self._select_next()
            elif presses == r.HELD_TO_PAIR:
                self.open_pairing()
            elif presses == r.HELD_TO_ERASE:
                self.erase()
            elif presses == r.HELD_TO_STOP:
                self._stop_by_hand()

    def _button_ms(self) -> int:
        self.supervisor.beat(r.TASK_BUTTON)
        return self.uptime.now_ms()

    def _let_go_now(self, held: int) -> None:
        """Let who holds the button feel what letting go would do now."""
        if held == r.HELD_DOWN:
            self.note_now(r.BUTTON, held)
        elif held:
            self.play(HOLD_PATTERNS[held], urgent=True)

    def _stop_by_hand(self) -> None:
        """End run() at MicroPython's prompt, which is of use on the cable only: off it, nothing would be recorded."""
        if self.power.may_be_plugged_in():
            self.stop()
        else:
            self.play(REFUSED_PATTERN, urgent=True)

    def open_pairing(self) -> int:
        """Let a new host pair for a while, and return for how many seconds."""
        self.pairing_until_ms = self.uptime.now_ms() + PAIRING_MS
        self.note_now(r.PAIRING, PAIRING_MS // 1000)
        self.play(DONE_PATTERN)
        self.blink(PAIRING_BLINKS)
        return PAIRING_MS // 1000

    def erase(self) -> None:
        """Forget who may read the journal, and all of it: whoever finds the sensor must not read somebody's life."""
        self.pairing_until_ms = 0
        try:
            self.radio.hosts.admission.forget()
            self.journal.wipe(random_id())
        except OSError:
            self.flash_errors += 1
            self.play(REFUSED_PATTERN, urgent=True)
            return
        self.journal.context(self.config.revision, self.config.calibration_id)
        self.note_now(r.BOOT, self.boot_cause, *VERSION)
        self.note_now(r.ERASED)
        self._note_own_clock()
        self.flush()
        self.play(DONE_PATTERN, urgent=True)

    async def _select_next(self) -> None:
        status = m.BUSY
        if not self.calibrating.busy:
            try:
                self.calibrating.select_next()
                return
            except OSError:
                status = m.FLASH_FAILED
        await self._let_feel(status, b"")

    async def _let_feel(self, status: int, data: bytes) -> None:
        """Answer the button, as the link answers a host."""
        if status != m.OK:
            self.play(REFUSED_PATTERN)
