"""The live coach: from samples and records to a card, and from answers to what the database keeps."""

from dataclasses import replace

import pytest

from coach.situations import CATALOGUE, HOUR_MS, MIN_MS, ZONE, at, past, posture
from unslouch.coach.live_coach import LiveCoach, next_midnight_ms
from unslouch.coach.moment import Phase
from unslouch.coach.past import Past, past_of
from unslouch.coach.preferences import Preferences
from unslouch.store import Answer
from unslouch_device.contract import states

S = 1000


class Stage:
    """A coach and its wearer, a sample a second."""

    def __init__(self, clock: str = "12:00", before: Past | None = None, coin: bool = True) -> None:
        self.coach = LiveCoach(CATALOGUE, ZONE, Preferences(), coin=lambda: coin)
        self.now_ms = at(clock)
        self.coach.set_records(None, before or past(), self.now_ms)

    def live(self, seconds: float, state: int = states.UPRIGHT, forward_deg: float = 2.0) -> None:
        for _ in range(round(seconds)):
            self.now_ms += S
            self.coach.observe(self.now_ms, state, forward_deg, 0.0)
            self.coach.tick(self.now_ms)

    def sleep(self, seconds: float) -> None:
        """Pass time without samples."""
        for _ in range(round(seconds / 5)):
            self.now_ms += 5 * S
            self.coach.tick(self.now_ms)

    def slouch(self, seconds: float = 10) -> None:
        self.live(30, states.LEANING, 20.0)
        self.live(seconds, states.SLOUCHING, 20.0)

    @property
    def answers(self) -> list[Answer]:
        return [answer.answer for answer in self.coach.unstored]

    @property
    def phase(self) -> Phase:
        return self.coach.moment.phase


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_slouch_brings_a_card_that_asks_for_nothing(stage: Stage) -> None:
    stage.live(60)
    assert stage.phase is Phase.READY
    stage.slouch()
    assert stage.phase is Phase.CARD
    assert stage.coach.suggestion is not None
    assert stage.coach.suggestion.why.startswith("Leaning forward beyond your threshold right now")
    assert stage.answers == [Answer.SUGGESTED]


def test_before_the_database_was_read_nothing_is_suggested() -> None:
    stage = Stage()
    stage.coach = LiveCoach(CATALOGUE, ZONE)
    stage.slouch(60)
    assert stage.phase is Phase.READY
    assert stage.coach.unstored == []


def test_twenty_minutes_in_one_posture_bring_a_card(stage: Stage) -> None:
    stage.live(19 * 60)
    assert stage.phase is Phase.READY
    stage.live(70)
    assert stage.coach.suggestion is not None
    assert "the same posture for 20 min" in stage.coach.suggestion.why.lower()


def test_records_and_live_samples_together_say_how_long_a_posture_is_held(stage: Stage) -> None:
    recorded = posture(until_utc_ms=stage.now_ms - 60 * S, held_min=18.0)
    stage.coach.set_records(recorded, past(), stage.now_ms)
    stage.live(10)
    assert stage.phase is Phase.READY or stage.coach.suggestion is not None
    held = stage.coach.situation(stage.now_ms)
    assert held is not None
    assert held.posture is not None
    assert held.posture.held_min < 1, "the live watch began after the records end, so there may have been a change"
    overlapping = replace(recorded, until_utc_ms=stage.now_ms)
    stage.coach.set_records(overlapping, past(), stage.now_ms)
    stage.live(130)
    assert stage.coach.suggestion is not None


def test_a_walk_while_the_card_is_open_is_thanked_for_and_nothing_counts_as_done(stage: Stage) -> None:
    stage.slouch()
    stage.live(65, states.MOVING)
    assert stage.phase is Phase.THANKS
    assert stage.answers == [Answer.SUGGESTED, Answer.MOVED]
    stage.live(20)
    assert stage.coach.suggestion is None


def test_begin_returns_the_exercise_and_closes_the_card(stage: Stage) -> None:
    assert stage.coach.begin(stage.now_ms) is None
    stage.slouch()
    assert stage.coach.suggestion is not None
    wanted = stage.coach.suggestion.exercise.id
    assert stage.coach.begin(stage.now_ms) == wanted
    assert stage.answers[-1] is Answer.STARTED
    assert stage.phase is Phase.QUIET


def test_later_brings_the_same_exercise_back_once_the_wearer_sits_and_counts_as_one_suggestion(stage: Stage) -> None:
    stage.slouch()
    assert stage.coach.suggestion is not None
    wanted = stage.coach.suggestion.exercise.id
    assert stage.coach.put_off(2, stage.now_ms)
    assert stage.coach.status(stage.now_ms) == "What you put off comes back at 12:02."
    stage.live(119, states.UPRIGHT)
    assert stage.coach.suggestion is None
    stage.live(10)
    assert stage.coach.suggestion is not None
    assert stage.coach.suggestion.exercise.id == wanted
    assert stage.answers == [Answer.SUGGESTED, Answer.LATER]


def test_what_was_put_off_waits_for_the_wearer_to_come_back(stage: Stage) -> None:
    stage.slouch()
    stage.coach.put_off(2, stage.now_ms)
    stage.live(600, states.OFF_BODY)
    assert stage.coach.suggestion is None
    stage.live(10)
    assert stage.coach.suggestion is not None


def test_not_today_leaves_the_exercise_out_until_midnight(stage: Stage) -> None:
    stage.slouch()
    assert stage.coach.suggestion is not None
    declined = stage.coach.suggestion.exercise.id
    assert stage.coach.decline(stage.now_ms)
    assert stage.coach.unstored[-1].until_utc_ms == next_midnight_ms(stage.now_ms, ZONE)
    for _ in range(10):
        stage.slouch(12 * 60)
        assert stage.coach.suggestion is None or stage.coach.suggestion.exercise.id != declined
        stage.coach.decline(stage.now_ms)


def test_answers_without_an_open_card_change_nothing(stage: Stage) -> None:
    assert not stage.coach.put_off(2, stage.now_ms)
    assert not stage.coach.decline(stage.now_ms)
    assert stage.coach.unstored == []


def test_a_pause_ends_by_itself_and_says_when(stage: Stage) -> None:
    stage.slouch()
    stage.coach.pause(stage.now_ms + HOUR_MS, stage.now_ms)
    assert stage.coach.suggestion is None
    stage.slouch(59 * 60)
    assert stage.coach.suggestion is None
    assert "13:00" in stage.coach.status(stage.now_ms)
    stage.slouch(80)
    assert stage.coach.suggestion is not None


def test_a_pause_can_be_ended(stage: Stage) -> None:
    stage.coach.pause(stage.now_ms + HOUR_MS, stage.now_ms)
    stage.coach.resume(stage.now_ms)
    stage.slouch()
    assert stage.coach.suggestion is not None


def test_a_meeting_takes_the_card_away_and_brings_it_back_when_it_ends(stage: Stage) -> None:
    stage.slouch()
    assert stage.coach.suggestion is not None
    wanted = stage.coach.suggestion.exercise.id
    stage.coach.meeting_until_utc_ms = stage.now_ms + 30 * MIN_MS
    stage.slouch(29 * 60)
    assert stage.coach.suggestion is None
    assert "meeting" in stage.coach.status(stage.now_ms)
    stage.slouch(70)
    assert stage.coach.suggestion is not None
    assert stage.coach.suggestion.exercise.id == wanted


def test_no_more_suggestions_in_an_hour_than_allowed_even_if_nothing_can_be_stored(stage: Stage) -> None:
    shown = []
    for _ in range(180):
        stage.slouch(60)
        if stage.coach.suggestion is not None and stage.coach.moment.is_open:
            shown.append(stage.now_ms)
            stage.coach.decline(stage.now_ms)
    assert 4 <= len(shown) <= 6
    assert all(later - earlier > 59 * MIN_MS for earlier, later in zip(shown, shown[2:], strict=False))


def test_a_past_without_the_newest_answers_does_not_undo_them(stage: Stage) -> None:
    stage.slouch()
    stage.coach.decline(stage.now_ms)
    stage.coach.set_records(None, past(), stage.now_ms)
    situation = stage.coach.situation(stage.now_ms)
    assert situation is not None
    assert len(situation.past.suggested) == 1
    assert situation.past.not_today_until_utc_ms


def test_what_was_put_off_before_a_restart_comes_back(stage: Stage) -> None:
    stage.slouch()
    stage.coach.put_off(10, stage.now_ms)
    stored = past_of(CATALOGUE, [], stage.coach.unstored, stage.now_ms, ZONE)
    again = Stage(before=stored)
    again.now_ms = stage.now_ms
    again.live(5 * 60)
    assert again.phase is Phase.LATER
    again.live(6 * 60)
    assert again.coach.suggestion is not None
    assert again.answers == []


def test_what_was_put_off_yesterday_is_forgotten(stage: Stage) -> None:
    stage.slouch()
    stage.coach.put_off(10, stage.now_ms)
    stored = past_of(CATALOGUE, [], stage.coach.unstored, at("16:00"), ZONE)
    assert Stage("16:00", before=stored).phase is Phase.READY


def test_stored_answers_leave_the_list(stage: Stage) -> None:
    stage.slouch()
    stored = list(stage.coach.unstored)
    stage.coach.decline(stage.now_ms)
    stage.coach.forget_stored(stored)
    assert stage.answers == [Answer.NOT_TODAY]


@pytest.mark.parametrize("coin", [True, False])
def test_in_a_trial_a_coin_decides_and_half_an_hour_is_measured(coin: bool) -> None:
    stage = Stage(before=past(has_agreed_to_trial=True), coin=coin)
    stage.slouch(20)
    assert (stage.coach.suggestion is not None) == coin
    toss = Answer.TOSS_SUGGEST if coin else Answer.TOSS_WAIT
    assert stage.answers == ([toss, Answer.SUGGESTED] if coin else [toss])
    stage.slouch(28 * 60)
    assert stage.answers.count(toss) == 1
    stage.slouch(5 * 60)
    assert stage.answers.count(toss) == 2


def test_without_consent_no_coin_is_tossed(stage: Stage) -> None:
    stage.slouch(20)
    assert Answer.TOSS_SUGGEST not in stage.answers


def test_without_samples_nothing_is_suggested_and_time_still_passes(stage: Stage) -> None:
    stage.slouch()
    stage.sleep(25 * 60)
    assert stage.phase is Phase.QUIET
    stage.sleep(25 * 60)
    assert stage.phase is Phase.READY


def test_samples_that_come_a_little_late_shorten_no_wait(stage: Stage) -> None:
    """Ticks have the computer's time and samples their own, which is a moment earlier."""
    stage.slouch()
    assert stage.coach.put_off(2, stage.now_ms)
    until_ms = stage.now_ms + 2 * MIN_MS
    while stage.now_ms < until_ms - S:
        stage.now_ms += 100
        stage.coach.tick(stage.now_ms)
        stage.coach.observe(stage.now_ms - 300, states.UPRIGHT, 2.0, 0.0)
        assert stage.phase is Phase.LATER
    stage.live(10)
    assert stage.phase is Phase.CARD
    assert stage.coach.suggestion is not None
