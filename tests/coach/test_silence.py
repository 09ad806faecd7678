"""Whatever the settings say and whatever was answered, the coach comes back by itself, at a time that it shows."""

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coach.situations import CATALOGUE, HOUR_MS, ZONE, at
from unslouch.coach.catalogue import Condition, Equipment, Place
from unslouch.coach.past import past_of
from unslouch.coach.situation import Situation
from unslouch.coach.suggest import holds_of
from unslouch.config import Config, load_config
from unslouch.store import Answer, CoachAnswer

NOW_MS = at("12:00")
LONGEST_MS = 8 * 24 * HOUR_MS
"""Quiet hours may leave a minute of a week, and a pause of a day may end after it."""
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
days = st.sampled_from(WEEK) | st.builds("{}-{}".format, st.sampled_from(WEEK), st.sampled_from(WEEK))
spans = st.builds("{} {}-{}".format, days, clocks, clocks) | st.sampled_from(["00:00-24:00", "mon-sat 00:00-24:00"])
coach_settings = st.fixed_dictionaries(
    {},
    optional={
        "max_per_hour": st.integers(-1, 13),
        "minutes": st.integers(-1, 61),
        "gentle": st.booleans(),
        "place": st.sampled_from([*map(str, Place), "nowhere"]),
        "conditions": st.lists(st.sampled_from([*map(str, Condition), "none"]), unique=True),
        "equipment": st.lists(st.sampled_from([*map(str, Equipment), "none"]), unique=True),
    },
)
files = st.fixed_dictionaries({"coach": coach_settings, "times": st.lists(spans, max_size=8)})
lasting_answers = st.lists(
    st.tuples(
        st.integers(0, 2 * HOUR_MS),
        st.sampled_from([Answer.SUGGESTED, Answer.PAUSED, Answer.RESUMED, Answer.TRIAL_ON, Answer.TOSS_WAIT]),
        st.integers(0, 24 * HOUR_MS),
    ),
    max_size=20,
)


@settings(max_examples=100, deadline=None)
@given(files, lasting_answers)
def test_no_settings_and_no_answers_keep_the_coach_silent_without_an_end(
    wanted: dict[str, Any], answered: list[tuple[int, Answer, int]]
) -> None:
    config = loaded(wanted)
    given_answers = [
        CoachAnswer(str(number), NOW_MS - age_ms, answer, "chin-tuck", NOW_MS - age_ms + length_ms)
        for number, (age_ms, answer, length_ms) in enumerate(sorted(answered, reverse=True))
    ]
    now_ms = NOW_MS
    while holds := holds_of(now := situation_at(now_ms, config, given_answers)):
        for _, hold in holds:
            assert hold.until_utc_ms > now_ms
            assert now.clock(hold.until_utc_ms) in hold.why
        now_ms = max(hold.until_utc_ms for _, hold in holds)
        assert now_ms <= NOW_MS + LONGEST_MS


def loaded(wanted: dict[str, Any]) -> Config:
    """Return the settings of a file with such values."""
    lines = ["[coach]", *(f"{key} = {json.dumps(value)}" for key, value in wanted["coach"].items())]
    lines += ["[quiet_hours]", f"times = {json.dumps(wanted['times'])}"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return load_config(path).config


def situation_at(now_ms: int, config: Config, answered: list[CoachAnswer]) -> Situation:
    until = config.quiet_hours.times.until(datetime.fromtimestamp(now_ms / 1000, ZONE))
    return Situation(
        CATALOGUE,
        now_ms,
        ZONE,
        past_of(CATALOGUE, [], answered, now_ms, ZONE),
        config.coach.preferences,
        quiet_until_utc_ms=None if until is None else int(until.timestamp() * 1000),
    )
