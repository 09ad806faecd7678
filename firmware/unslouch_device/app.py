"""The app: makes the parts of a board, and runs the tasks that join them."""

from . import VERSION
from .battery import Battery
from .calibrating import Calibrating
from .config import Config
from .contract import messages as m
from .contract import records as r
from .contract.settings import SNOOZE_MIN, are_consistent
from .crashes import Crashes
from .event_log import EventLog
from .feedback import Feedback
from .files import make_folder
from .journal import Journal
from .link.pairing_window import PairingWindow
from .link.radio import Radio
from .link.requests import Requests
from .link.serial import SerialLink
from .link.server import LinkServer
from .link.telemetry import Telemetry
from .on_demand import NotLoaded, load
from .parts import haptics, imu
from .parts.button import HOLDS, Button
from .parts.led import Led
from .parts.motor import REFUSED_PATTERN
from .parts.power import Power
from .port import random_id, sleep_ms
from .resting import Resting
from .sampler import Sampler
from .sense.pipeline import Pipeline
from .served_links import ServedLinks
from .slots import Trial, note_prompt, reset_asked_for
from .supervisor import Supervisor
from .tail import rtc_memory
from .tasks import Tasks
from .uptime import Uptime

OWN_CLOCK_MS = 3_600_000
PARTING_MS = 300  # in which the last reply goes out before a restart
START_BLINKS = 1
_WATCHED_TASKS = r.TASK_SUPERVISOR  # those before it


class App:
    """One board at work. Everything it touches is handed in, so it runs on real and simulated hardware alike.

    board: a module of boards/. machine: MicroPython's `machine` or its like. ticks_ms: a counter that wraps at 2**30.
    channel: see link.stdio. folder: where the flash's files go. own_utc_ms: only for a simulated board that runs at a
    speed of its own, a function that returns its UTC. wake_on_high: a function, where there is one, that lets the pins
    that it is given, and no others, end sleep. bluetooth: MicroPython's module or its like, where there is one.
    slot_folder: where root/main.py has `slot` and the packs, with a slash at the end, where it started this. A new pack
    is on trial until an epoch, or the beginning or end of a time without, is durable, and a host was answered. A good
    run does where the IMU fails, and where no host asked. One that came over a link has to be reached by a host.
    idf_heap: a function that returns the free memory beyond MicroPython's heap and its largest block, in bytes, where
    that is known. esp32: MicroPython's module or its like, and time_s its time.time(), where the board can sleep
    deeply.
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
        slot_folder=None,
        idf_heap=lambda: (0, 0),
        esp32=None,
        time_s=None,
    ) -> None:
        for pin, level in board.FIRST_LEVELS:
            machine.Pin(pin, machine.Pin.OUT, value=level, hold=False)  # which deep sleep holds
        self.name = board.NAME
        self.simulated = simulated
        self.own_utc_ms = own_utc_ms
        self.has_radio = bluetooth is not None
        self.device_id = (machine.unique_id() + bytes(8))[:8]
        self.machine = machine
        self._wake_on_high = wake_on_high
        self.power = Power(machine, board.BATTERY_PIN, board.BATTERY_DIVIDER, board.EXTERNAL_POWER_PIN)
        self.esp32 = esp32
        self.time_s = time_s
        self.rtc_memory = rtc_memory(machine)
        self.can_span_sleep = time_s is not None and self.rtc_memory is not None
        self.slot_folder = slot_folder
        self.trial = Trial(slot_folder)
        self.board = board
        self.idf_heap = idf_heap
        self._why_asleep = 0  # ASLEEP_… if run() is to end in deep sleep
        self._restarts = False  # … or in a restart
        self.touched_while_off = False
        self.uptime = Uptime(ticks_ms)
        self.folder = folder
        make_folder(folder)
        self.crashes = Crashes(folder)
        self.supervisor = Supervisor(machine, self.uptime, self.crashes, _WATCHED_TASKS)
        self.tasks = Tasks(self.crashes, self.supervisor)
        self.journal = Journal(folder + "/journal", board.JOURNAL_BYTES, random_id(), self.rtc_memory)
        self.event_log = EventLog(self.journal, self.uptime)
        self.config = Config(folder, self.journal.highest_calibration_id)
        i2c = machine.I2C(
            board.I2C_ID, scl=machine.Pin(board.I2C_SCL), sda=machine.Pin(board.I2C_SDA), freq=board.I2C_HZ
        )
        chip = imu.find(i2c, board.IMU)
        self.imu_part = chip.part
        self.pipeline = Pipeline(chip.rate_hz, chip.gyro_dps_per_count, self.config.settings)
        self._fading_tried = self.config.fading  # steps
        self.pipeline.alerter.fading.restore(self._fading_tried)
        self.motor = haptics.motor_of(board, machine, i2c, self.config.motor_calibration)
        self.button = Button(machine, board.BUTTON_PIN, ticks_ms)
        self.button_wakes = self.button.wakes and hasattr(esp32, "wake_on_ext0")  # in deep sleep
        self._make_tasks(board, chip)
        self._make_links(bluetooth, SerialLink(channel), folder)
        self.event_log.listen(self._show)
        self._boot(machine.reset_cause())

    def _make_tasks(self, board, chip) -> None:
        """Make what works beside the links; each takes from the app what it needs. chip: the motion sensor."""
        machine = self.machine
        led = Led(machine, board.LED_PIN, board.LED_ON)
        self.feedback = Feedback(self.motor, led, self.config, self.pipeline.alerter, self.event_log, self.tasks)
        self.served = ServedLinks()
        self.battery = Battery(self)
        self.resting = Resting(self, machine, chip, board.IMU_INT_PIN, self._wake_on_high)
        self.sampler = Sampler(self, chip, self._unplugged)
        self.calibrating = Calibrating(self, board, chip)
        self.journal.interlude = self.sampler.catch_up

    def _make_links(self, bluetooth, serial_link, folder: str) -> None:
        self.pairing_window = PairingWindow(self)
        self.radio = Radio(self, self._new_server, bluetooth, self.machine.idle, folder + "/bonds")
        self.requests = Requests(self)
        self._telemetry = Telemetry(self)
        self.served.begin(self._new_server(serial_link), self.radio)

    def _new_server(self, link) -> LinkServer:
        return LinkServer(
            link, self.requests, self._telemetry, self.journal, self.supervisor, self.resting, self.uptime
        )

    def _boot(self, cause: int) -> None:
        """Make this boot's number durable before any host can see it."""
        self.boot_cause = cause
        mark = b""
        if cause == r.BOOT_DEEP_SLEEP and self.can_span_sleep:
            mark = self.rtc_memory()
        if cause == r.BOOT_WATCHDOG:
            self.crashes.keep_watchdog()
        elif cause == r.BOOT_HARD_RESET and not reset_asked_for(self.rtc_memory):
            self.crashes.keep_panic()
        note_now = self.event_log.note_now
        note_now(r.BOOT, cause, *VERSION)
        if mark:
            load("deep_sleeping").go_on(self, mark)
        crash = self.crashes.take_unreported()
        if crash is not None:
            note_now(r.CRASHED, *crash)
        self._note_own_clock()
        self.battery.note()
        self.event_log.flush()

    async def run(self) -> None:
        """Work until stop() is called; an exception in any task is kept in flash, ends the app and is raised here."""
        start = self.tasks.start
        start(self.sampler.run, r.TASK_SAMPLER)
        start(self._keep_journal, r.TASK_JOURNAL)
        start(self.served.cable.serve, r.TASK_LINK)
        start(self.served.cable.stream, r.TASK_TELEMETRY)
        start(self._follow_battery, r.TASK_BATTERY)
        start(self._watch_button, r.TASK_BUTTON)
        start(self.supervisor.run, r.TASK_SUPERVISOR)
        if self.own_utc_ms is not None:
            start(self._keep_clock, r.TASK_CLOCK)
        if self.has_radio:
            start(self.radio.run, r.TASK_RADIO)
        self.feedback.blink(START_BLINKS)
        if self.touched_while_off:
            self.tasks.send_off(load("off").stay_on_if_held, self)
        try:
            await self.tasks.wait()
        finally:
            since_s = self._flush_at_end()
        if self._why_asleep:
            load("deep_sleeping").sleep(self, self._why_asleep, since_s)
        if not self.journal.unflushed:  # else the memory holds records
            note_prompt(self.rtc_memory)
        if self._restarts:
            self.machine.reset()

    def _flush_at_end(self) -> int:
        """Make the journal durable and let go of all; return time_s() at its last record, where deep sleep follows.

        What is raised here is kept like what ends a task: the restart that follows would read as a panic.
        """
        since_s = 0
        try:
            self.tasks.end_all()
            self.motor.off()
            if self._why_asleep:
                since_s = self.time_s() if self.can_span_sleep else 0
                self.event_log.note_now(r.DEEP_SLEEP_BEGAN, self._why_asleep)
            self.event_log.flush()
            self.supervisor.release()
            self.radio.off()
            if self.journal.unflushed and not self._why_asleep:  # an epoch that ended while the others were written
                self.event_log.flush()
        except Exception as error:
            self.tasks.keep(error, r.TASK_UNKNOWN)
            raise
        return since_s

    def stop(self) -> None:
        """End run()."""
        self.tasks.stop()

    def restart(self) -> None:
        """End run() soon, with a restart, which starts the pack that `slot` names."""
        self._restarts = True
        self.tasks.send_off(self._stop_soon)

    async def _stop_soon(self) -> None:
        await sleep_ms(PARTING_MS)
        self.stop()

    async def _follow_battery(self) -> None:
        await self.battery.run(self._is_loaded, self.fall_asleep)

    def _is_loaded(self) -> bool:
        return self.served.most_hz() > 0

    def fall_asleep(self, why: int = r.ASLEEP_EMPTY) -> None:
        """End run() in deep sleep; why: ASLEEP_…."""
        self._why_asleep = why
        self.stop()

    # The journal

    def _show(self, code: int, record: bytes) -> None:
        """Show an event to the hosts, and let them find the board when a slouch begins."""
        if code != r.BOOT:
            self.served.show(record)
        if code == r.SLOUCH_STARTED:
            self.radio.open_if_heard()
        elif code == r.PUT_ON:
            self.radio.want_soon()
            self.radio.open_window()

    async def _keep_journal(self) -> None:
        while True:
            self.supervisor.beat(r.TASK_JOURNAL)
            await sleep_ms(1000)
            try:
                self.journal.flush_due(self.uptime.now_ms(), self.served.most_hz() > 0)
                self._keep_learned()
                self._prove()
            except OSError:
                self.event_log.flash_errors += 1

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
        """Follow the trial of this firmware: it proves itself, or gives way to the one before it."""
        trial = self.trial
        good_run = self.supervisor.proved
        recorded = good_run or 0 < self.sampler.proof_sequence <= self.journal.flushed_sequence
        hosts = self.requests
        reached = hosts.connected if trial.over_link else hosts.answered or (good_run and not hosts.asked)
        now_ms = self.uptime.now_ms()
        if trial.is_due(now_ms, recorded and reached):
            self.sampler.catch_up()
            if trial.step(now_ms, recorded and reached):
                self.restart()

    def begin_journal(self) -> None:
        """Let a journal that was wiped begin like one of a new boot, and say so in it."""
        self.journal.context(self.config.revision, self.config.calibration_id)
        self.event_log.note_now(r.BOOT, self.boot_cause, *VERSION)
        self.event_log.note_now(r.ERASED)
        self._note_own_clock()
        self.event_log.flush()

    def note_clock(self, utc_ms: int, zone_quarter_h: int) -> None:
        """Anchor this boot's uptime to a host's clock; at once durable, since dating hangs on it."""
        self.event_log.note_now(r.HOST_CLOCK, utc_ms & 0xFFFFFFFF, utc_ms >> 32, zone_quarter_h)
        self.event_log.flush()

    def _note_own_clock(self) -> None:
        if self.own_utc_ms is not None:
            utc_ms = self.own_utc_ms()
            self.event_log.note_now(r.HOST_CLOCK, utc_ms & 0xFFFFFFFF, utc_ms >> 32, 0)

    async def _keep_clock(self) -> None:
        while True:
            await sleep_ms(OWN_CLOCK_MS)
            self._note_own_clock()

    # Settings and what the host may ask for

    def allows(self, id: int, value: int) -> bool:
        """Return whether a value goes with the other settings."""
        values = dict(self.config.settings)
        values[id] = value
        return are_consistent(values)

    def change_setting(self, id: int, value: int) -> None:
        """Take a new value whose range the link has checked; raises OSError, and changes nothing, if flash fails."""
        self.config.change(id, value)
        self.pipeline.configure(self.config.settings)
        self.journal.context(self.config.revision, self.config.calibration_id)
        self.event_log.note_now(r.SETTING_CHANGED, id, value, self.config.revision)
        self.event_log.flush()  # a page must not name a revision that no event explains

    def snooze(self, minutes: int) -> int:
        """Keep the motor quiet and return for how many minutes."""
        if minutes == m.SNOOZE_AS_SET:
            minutes = self.config.settings[SNOOZE_MIN]
        self.pipeline.alerter.snooze(minutes * 60)
        self.event_log.note_now(r.SNOOZED, minutes)
        return minutes

    def _unplugged(self) -> None:
        """External power went away, and with it a host on the cable that can't say good-bye."""
        self.served.cable.live_hz = 0
        self.radio.count_windows()

    # The button

    async def _watch_button(self) -> None:
        while True:
            self.supervisor.waiting(r.TASK_BUTTON)
            presses = await self.button.presses(self._button_ms, self._let_go_now)
            self.supervisor.beat(r.TASK_BUTTON)
            self.resting.stay_awake()
            if presses:
                self.event_log.note_now(r.BUTTON, presses)
                self._serve_button(presses)

    def _serve_button(self, presses: int) -> None:
        try:
            load("button_actions").serve(self, presses)
        except NotLoaded:
            self.feedback.play(REFUSED_PATTERN)

    def _button_ms(self) -> int:
        self.supervisor.beat(r.TASK_BUTTON)
        return self.uptime.now_ms()

    def _let_go_now(self, held: int) -> None:
        """Let the wearer feel what letting the button go would do now."""
        if held == r.HELD_DOWN:
            self.event_log.note_now(r.BUTTON, held)
            return
        for _, meaning, pattern in HOLDS:
            if meaning == held:
                self.feedback.play(pattern, urgent=True)
