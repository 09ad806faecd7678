"""Which events of the sensor are announced."""

import pytest

from tui.conftest import Open
from unslouch_device.contract import records


async def test_what_the_sensor_changes_by_itself_is_announced(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.happens(records.DELAY_ADAPTED, delay_s=45, why=records.ADAPTED_LONGER)
        await stage.frame()
        assert "Delay adapted to 45 s: you corrected yourself unaided." in stage.notified


@pytest.mark.parametrize(
    ("code", "fields", "words"),
    [
        (records.PROFILE_SELECTED, {"profile": 1, "calibration_id": 0}, "Profile selected: number 2."),
        (records.CALIBRATED, {"calibration_id": 2, "how": records.CALIBRATED_REZERO, "profile": 0}, "re-zeroed"),
        (records.STANDING_ZERO, {"calibration_id": 2, "forward_cdeg": -410, "lateral_cdeg": 0}, "standing is -4 deg"),
    ],
)
async def test_an_event_is_announced_in_words(dashboard: Open, code: int, fields: dict[str, int], words: str) -> None:
    async with dashboard() as stage:
        stage.feed.happens(code, **fields)
        await stage.frame()
        assert words in stage.notified


async def test_an_alert_that_was_not_corrected_is_not_announced(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.happens(records.ALERT_MISSED, number=1, why=records.MISSED_LATE)
        await stage.frame()
        assert stage.notified == ""


async def test_what_the_calibration_screen_shows_is_not_announced_as_well(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "enter")
        assert "Calibrated: this posture counts as upright" in stage.screen_text()
        await stage.press("escape")
        assert not stage.notified


async def test_what_there_is_to_know_of_the_sensor_that_was_opened_is_said_once(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.notice = "Another demo is running [sic]."
        await stage.frame()
        await stage.frame()
        assert stage.notified == "Another demo is running [sic]."
