"""From the IMU's FIFO to epochs and events in the journal."""

from .contract import messages as m
from .contract import records as r
from .contract.states import CHARGING, OFF_BODY
from .parts.motor import PULSE_PATTERN
from .port import sleep_ms
from .sense import pipeline as sense

_RETRY_MS = 1000
_FAILURES = 3  # starts that fail until it is an event
_PAUSE_MS = 1000  # that a FIFO may be silent without samples having been lost
_SILENT_MS = 2000  # after which the chip is started again, and what it last said is no longer shown
_GAP_MS = 5000  # without samples, after which nothing counts as uninterrupted
_TEMPERATURE_MS = 5000
_CLOCK_SLACK_MS = 200
_LEAST_LOST = 2  # samples; the batch's own edges are no sharper


class Sampler:
    """Reads batches, runs their samples through the pipeline, and journals what comes of it.

    A batch's samples are spread evenly over the time since the one before. Epochs lie end to end from
    `_epoch_begin_ms`; time off body or charging holds none.
    """

    def __init__(self, app, imu, unplugged) -> None:
        """imu: see parts.imu. unplugged: a function that is called when external power goes away."""
        self._imu = imu
        self._pipeline = app.pipeline
        self._journal = app.journal
        self._profiles = app.config.profiles
        self._uptime = app.uptime
        self._log = app.event_log
        self._power = app.power
        self._resting = app.resting
        self._feedback = app.feedback
        self._tasks = app.tasks
        self._served = app.served
        self._unplugged = unplugged
        self._last_ms = app.uptime.now_ms()
        self._heard_ms = self._last_ms  # when samples, or a restarted chip, last answered
        self._onset_ms = 0  # of the present slouch
        self._slouch_alerts = 0  # in it
        self._alerted_ms = 0  # the first alert, of as many as are about the same
        self._temperature_ms = self._last_ms
        self._epoch_begin_ms = self._last_ms
        self._offset_ms = 0  # of the latest sample, in its epoch; uptimes outgrow small ints, this doesn't
        self._half_decision_ms = 500 * app.pipeline.per_decision // imu.rate_hz
        self._not_worn = 0  # CHARGING or OFF_BODY while there are no epochs
        self.alerts = 0  # since boot
        self.lost_samples = 0  # but for those of self-tests, which somebody asked for
        self.proof_sequence = 0  # once its records before that are durable, it has shown that it works
        self._sampling = False
        self._asker = None  # who gets the result of the chip's self-test
        self._failed_transfers = 0  # those that no repetition mended
        self._failures = 0  # starts on end
        self._failed_ms = 0  # when the first of them failed

    def begin_off_body(self) -> None:
        """Go on with the time off the body that a deep sleep was part of, until motion ends it."""
        self._pipeline.activity.begin_inert()
        self._pipeline.posture.state = self._not_worn = OFF_BODY

    async def run(self) -> None:
        """Sample until the app ends; a bus that fails is tried again every second."""
        while True:
            self._tasks.beat(r.TASK_SAMPLER)
            try:
                self._imu.reset()
                await sleep_ms(self._imu.reset_ms)
                self._imu.start()
                self._heard_ms = self._uptime.now_ms()
                await self._sample()
            except OSError as error:
                self._sampling = False
                self._note_failure(error)
                await sleep_ms(_RETRY_MS)

    async def _sample(self) -> None:
        """Sample until the chip is needed for dozing or its self-test, do that, and leave it to be started again."""
        resting = self._resting
        self._sampling = True
        while self._asker is None and not resting.may_doze():
            await resting.rest()
            self._tasks.beat(r.TASK_SAMPLER)
            self.read_batch()
        self._sampling = False
        try:
            if self._asker is None:
                await resting.doze()
            else:
                await self._test_chip()
        finally:
            now_ms = self._uptime.now_ms()
            if self._not_worn:
                self._pass_over(now_ms - self._last_ms)
            else:
                self._note_lost(now_ms, now_ms - self._last_ms)
            self._last_ms = now_ms

    def catch_up(self) -> None:
        """Empty the FIFO now, since something follows that takes long; run() handles a bus that fails."""
        if self._sampling:
            try:
                self.read_batch()
            except OSError:
                self._failed_transfers += 1

    @property
    def bus_errors(self) -> int:
        """How many transfers have failed since boot, tries included."""
        return self._failed_transfers + self._imu.retries

    def ask_self_test(self, answer) -> bool:
        """Let the chip test itself as soon as possible; False if a test is asked for already.

        answer: a coroutine function that takes a status of contract.messages and the data of the reply.
        """
        if self._asker is not None:
            return False
        self._asker = answer
        return True

    async def _test_chip(self) -> None:
        if not hasattr(self._imu, "self_test"):
            self._answer(m.NO_SELF_TEST)
            return
        self._feedback.motor.off()
        passed = await self._imu.self_test()
        self._answer(m.OK, bytes((sum(1 << axis for axis in range(len(passed)) if passed[axis]),)))

    def _answer(self, status: int, data: bytes = b"") -> None:
        if self._asker is not None:
            self._tasks.send_off(self._asker, status, data)
        self._asker = None

    def _note_failure(self, error: OSError) -> None:
        self._failed_transfers += 1
        self._answer(m.SENSOR_SILENT)
        if not self._failures:
            self._failed_ms = self._uptime.now_ms()
        self._failures += 1
        if self._failures == _FAILURES:
            self._log.note(r.BUS_FAILED, self._failed_ms, (error.errno or 0) & 0xFF, self.bus_errors & 0xFFFFFFFF)

    def _note_success(self, now_ms: int) -> None:
        if self._failures >= _FAILURES:
            self._log.note(r.BUS_RECOVERED, now_ms, (now_ms - self._failed_ms) & 0xFFFFFFFF)
        self._failures = 0

    def stop(self) -> None:
        """Let the chip measure nothing, which draws next to nothing, until run() starts it again."""
        try:
            self._imu.reset()
        except OSError:
            self._failed_transfers += 1

    def silent(self) -> bool:
        """Return whether no sample has come for a while."""
        return self._uptime.now_ms() - self._last_ms > _SILENT_MS + self._resting.batch_ms

    def read_batch(self) -> None:
        """Process what the FIFO holds; raises OSError if it has been empty for too long."""
        count = self._imu.read()
        now_ms = self._uptime.now_ms()
        self._follow_power()
        if not count:
            if now_ms - self._heard_ms > _SILENT_MS:
                raise OSError(110)  # ETIMEDOUT: it has lost its settings, or hangs
            return
        self._heard_ms = now_ms
        self._note_success(now_ms)
        span_ms = now_ms - self._last_ms
        held_ms = count * 1000 // self._imu.rate_hz
        if held_ms - span_ms > held_ms // 8 + _CLOCK_SLACK_MS:  # the IMU's own clock is better than that
            self._uptime.catch_up(held_ms - span_ms)
            now_ms += held_ms - span_ms
            self._heard_ms = now_ms
            span_ms = held_ms
        lost_ms = span_ms - held_ms
        if lost_ms > held_ms + _PAUSE_MS or (self._imu.overrun and lost_ms * self._imu.rate_hz >= _LEAST_LOST * 1000):
            self.lost_samples += lost_ms * self._imu.rate_hz // 1000
            self._note_lost(now_ms - held_ms, lost_ms)
            span_ms = held_ms
        self._last_ms = now_ms
        self._process(count, span_ms)
        self._measure_temperature(now_ms)

    def _process(self, count: int, span_ms: int) -> None:
        """Take the samples of a batch that spans so much time, up to one decision after another."""
        samples = self._imu.samples
        pipeline = self._pipeline
        at = spent_ms = 0
        while at < count:
            run = count - at
            if self._served.calibrator is not None:
                run = 1  # it looks at each sample
            elif run > pipeline.wanted:
                run = pipeline.wanted
            pipeline.take(samples, at, run)
            at += run
            due_ms = at * span_ms // count
            self._offset_ms += due_ms - spent_ms
            spent_ms = due_ms
            if not pipeline.wanted:
                self._decide()
            if self._served.calibrator is not None:
                self._calibrate(6 * (at - 1))

    def _note_lost(self, until_ms: int, lost_ms: int) -> None:
        """Note that the samples of lost_ms, until an uptime, never came."""
        self._log.note(r.SAMPLES_LOST, until_ms, lost_ms)
        self._pass_over(lost_ms)

    def _pass_over(self, span_ms: int) -> None:
        """Go on after a time without samples."""
        self._offset_ms += span_ms
        if span_ms >= _GAP_MS:
            self._pipeline.resume_after_gap(span_ms // 1000)

    def _begin_epoch(self) -> None:
        """Close the epoch and begin the one in which this sample lies."""
        self._close_epoch()
        self._epoch_begin_ms += r.EPOCH_MS
        self._offset_ms -= r.EPOCH_MS
        if self._offset_ms >= r.EPOCH_MS:  # after a gap: begin at this sample
            self._epoch_begin_ms += self._offset_ms
            self._offset_ms = 0

    def _close_epoch(self) -> None:
        epoch = self._pipeline.epoch
        if self._not_worn:
            epoch.clear()
        elif epoch.pack(self._pipeline.calibrated):
            self._journal.append_epoch(epoch.record, self._epoch_begin_ms)
            self._prove()

    def _prove(self) -> None:
        if not self.proof_sequence:
            self.proof_sequence = self._journal.next_sequence

    def _decide(self) -> None:
        """Decide at the latest sample, and note what comes of it."""
        if self._offset_ms - self._half_decision_ms >= r.EPOCH_MS:
            self._begin_epoch()
        pipeline = self._pipeline
        state = pipeline.decide(max(0, self._offset_ms - self._half_decision_ms) // 1000)
        slouch = pipeline.posture.slouch
        if pipeline.happened:
            self._note_events(pipeline.happened, self._epoch_begin_ms + self._offset_ms)
        if slouch.since_onset == 0 and slouch.leaning:
            self._onset_ms = self._epoch_begin_ms + self._offset_ms
            self._slouch_alerts = 0
        not_worn = state if state in (CHARGING, OFF_BODY) else 0
        if not_worn != self._not_worn:
            self._change_span(not_worn, self._epoch_begin_ms + self._offset_ms)

    def _calibrate(self, at: int) -> None:
        """Give the calibrator the latest sample, whose six values begin at an index."""
        samples = self._imu.samples
        self._served.calibrator.update(
            samples[at] << 1,  # in 2**-13 g, which doesn't fit the 16 bits of `samples`
            samples[at + 1] << 1,
            samples[at + 2] << 1,
            samples[at + 3],
            samples[at + 4],
            samples[at + 5],
            self._pipeline.gravity,
        )

    def _note_events(self, happened: int, now_ms: int) -> None:
        if happened & sense.CONFIRMED:
            tilt = self._pipeline.tilt
            self._log.note(r.SLOUCH_STARTED, now_ms, self._onset_ms & 0xFFFFFFFF, tilt.forward_cdeg)
        self._note_alerts(happened, now_ms)
        if happened & sense.ENDED:
            slouch = self._pipeline.posture.slouch
            seconds = min(0xFFFF, (now_ms - self._onset_ms) // 1000)
            alerts = min(0xFF, self._slouch_alerts)
            self._log.note(r.SLOUCH_ENDED, now_ms, slouch.peak_cdeg, slouch.mean_cdeg, seconds, alerts)
        if happened & sense.SENSOR_MOVED:
            walking = self._pipeline.walking
            profile = self._profiles.index
            self._log.note(r.SENSOR_MOVED, now_ms, walking.walking_cdeg, walking.usual_cdeg, profile)

    def _note_alerts(self, happened: int, now_ms: int) -> None:
        """Note what became of alerts, then new ones."""
        note = self._log.note
        alerter = self._pipeline.alerter
        if happened & sense.MISSED:
            note(r.ALERT_MISSED, now_ms, alerter.missed_number, alerter.missed_why)
        if happened & sense.CORRECTED:
            note(r.CORRECTED, now_ms, now_ms - self._alerted_ms)
            if alerter.corrected_pulse and not alerter.quiet:
                self._feedback.play(PULSE_PATTERN)
        if happened & sense.DELAY_ADAPTED:
            note(r.DELAY_ADAPTED, now_ms, alerter.delay_s, alerter.adapted_why)
        if happened & sense.ALERTED:
            self._slouch_alerts += 1
            if alerter.given == 1:
                self._alerted_ms = now_ms
            self.alerts += 1
            note(r.ALERT, now_ms, self._pipeline.tilt.forward_cdeg, alerter.given, alerter.mode)
            self._feedback.alert(alerter.given)

    def _measure_temperature(self, now_ms: int) -> None:
        """Feel the temperature every few seconds."""
        if now_ms - self._temperature_ms < _TEMPERATURE_MS:
            return
        self._temperature_ms = now_ms
        try:
            self._pipeline.activity.feel(self._imu.temperature_cC())
        except OSError:
            self._failed_transfers += 1

    def _follow_power(self) -> None:
        external = self._power.external()
        if self._pipeline.external_power and not external:
            self._unplugged()
        self._pipeline.external_power = external

    def _change_span(self, not_worn: int, at_ms: int) -> None:
        """Begin or end a span without epochs; its onset is where the stillness began."""
        note = self._log.note
        still_ms = self._pipeline.activity.samples_since_still * 1000 // self._imu.rate_hz
        onset_ms = max(0, at_ms - still_ms)
        if self._not_worn == OFF_BODY:
            if not not_worn:
                note(r.PUT_ON, at_ms)
            onset_ms = at_ms
        elif self._not_worn == CHARGING:
            note(r.CHARGING_ENDED, at_ms)
            onset_ms = at_ms
        if not_worn == OFF_BODY:
            note(r.TAKEN_OFF, at_ms, onset_ms & 0xFFFFFFFF, self._pipeline.activity.cue)
        elif not_worn == CHARGING:
            note(r.CHARGING_STARTED, at_ms, onset_ms & 0xFFFFFFFF)
        self._prove()
        self._pipeline.epoch.clear()
        if not not_worn:
            self._epoch_begin_ms = at_ms
            self._offset_ms = 0
        self._not_worn = not_worn
