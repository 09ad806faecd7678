"""The suggestion card in Live: quiet at first, a prompt at a movement, answered by key, mouse and palette."""

import pytest

from tui.conftest import Open, Stage
from tui.fake_feed import FakeFeed, sit_through_a_slump
from unslouch.coach.moment import Phase
from unslouch.store import Answer
from unslouch_device.contract import states


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")


async def slump(stage: Stage) -> None:
    sit_through_a_slump(stage.feed)
    await stage.settle()


def phase(stage: Stage) -> Phase | None:
    return stage.app.shared.coach.phase


def answers(stage: Stage) -> list[Answer]:
    live = stage.app.shared.coach.live
    assert live is not None
    return [answer.answer for answer in live.unstored]


def shift(feed: FakeFeed) -> None:
    """Change posture and keep it for six seconds."""
    feed.live(8.0, -6.0, states.UPRIGHT, 6.0)


async def test_a_slouch_brings_a_quiet_card_that_says_why_and_how(dashboard: Open) -> None:
    async with dashboard() as stage:
        assert not stage.app.screen.query_one("#suggestion").display
        focused = stage.app.focused
        await slump(stage)
        assert "Try: Chin tuck" in stage.text("#suggestion")
        assert "hold 5 s, 10 times" in stage.text("#suggestion")
        assert "Leaning forward beyond your" in stage.text("#why")
        assert "Slide your head back" in " ".join(stage.text("#how").split())
        assert "d Do it  l Later  x Not today" in stage.text("#answers")
        assert phase(stage) is Phase.CARD
        assert stage.app.focused is focused


async def test_a_posture_change_makes_the_card_a_prompt(dashboard: Open) -> None:
    async with dashboard() as stage:
        await slump(stage)
        shift(stage.feed)
        await stage.frame()
        assert phase(stage) is Phase.PROMPT
        assert "Now: Chin tuck" in stage.text("#suggestion")
        assert stage.app.screen.query_one("#suggestion").has_class("-prompt")


async def test_who_gets_up_and_walks_is_thanked(dashboard: Open) -> None:
    async with dashboard() as stage:
        await slump(stage)
        stage.feed.live(2.0, 0.0, states.MOVING, 65.0)
        await stage.frame()
        assert "Thanks for getting up" in stage.text("#why")
        assert not stage.app.screen.query_one("#answers").display
        assert answers(stage) == [Answer.SUGGESTED, Answer.MOVED]


async def test_answers_are_offered_only_while_a_suggestion_is_open(dashboard: Open) -> None:
    async with dashboard(size=(120, 40)) as stage:
        await stage.press("d", "l", "x")
        assert not stage.app.screen.is_modal
        await slump(stage)
        await stage.until(lambda: "Not today" in stage.screen_text())
        await stage.press("x")
        await stage.until(lambda: "Not today" not in stage.screen_text())
        assert answers(stage) == [Answer.SUGGESTED, Answer.NOT_TODAY]
        assert "Chin tuck comes back tomorrow." in stage.notified


@pytest.mark.parametrize(("key", "minutes"), [("1", 2), ("2", 10), ("3", 30)])
async def test_later_offers_three_times_and_says_when_it_comes_back(dashboard: Open, key: str, minutes: int) -> None:
    async with dashboard(size=(100, 40)) as stage:
        await slump(stage)
        await stage.press("l")
        await stage.press(key)
        live = stage.app.shared.coach.live
        assert live is not None
        later = live.unstored[-1]
        assert later.answer is Answer.LATER
        assert later.until_utc_ms == later.utc_ms + minutes * 60_000
        assert "comes back at" in stage.text("#coach-notice")


async def test_escape_leaves_the_suggestion_as_it_is(dashboard: Open) -> None:
    async with dashboard() as stage:
        await slump(stage)
        await stage.press("l", "escape")
        assert phase(stage) is Phase.CARD


async def test_the_mouse_answers_too(dashboard: Open) -> None:
    async with dashboard(size=(120, 40)) as stage:
        await slump(stage)
        at = stage.text("#answers").splitlines()[1].index("Not today")
        await stage.pilot.click("#answers", offset=(at + 2, 0))
        await stage.settle()
        assert answers(stage)[-1] is Answer.NOT_TODAY


async def test_the_palette_has_the_answers_while_a_suggestion_is_open(dashboard: Open) -> None:
    async with dashboard() as stage:
        titles = [command.title for command in stage.app.get_system_commands(stage.app.screen)]
        assert "Do it" not in titles
        await slump(stage)
        titles = [command.title for command in stage.app.get_system_commands(stage.app.screen)]
        assert {"Do it", "Later", "Not today", "Pause exercises"} <= set(titles)


async def test_doing_it_shows_how_and_what_a_clinician_should_see_first(dashboard: Open) -> None:
    async with dashboard(size=(100, 40)) as stage:
        await slump(stage)
        await stage.press("d")
        assert "clinician" in stage.screen_text()
        await stage.press("y")
        assert answers(stage)[-1] is Answer.STARTED
        assert "Slide your head straight back" in stage.screen_text()
        await stage.press("escape", "escape")
        assert not stage.app.screen.is_modal


async def test_who_declines_the_safety_rules_finds_the_suggestion_as_it_was(dashboard: Open) -> None:
    async with dashboard(size=(100, 40)) as stage:
        await slump(stage)
        before = stage.app.shared.coach.suggestion
        await stage.press("d", "escape")
        assert not stage.app.screen.is_modal
        assert answers(stage) == [Answer.SUGGESTED]
        assert phase(stage) is Phase.CARD
        assert stage.app.shared.coach.suggestion is before
        await stage.press("d", "y")
        assert answers(stage) == [Answer.SUGGESTED, Answer.STARTED]


async def test_a_pause_says_when_it_ends_and_the_same_key_ends_it(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("o")
        assert "16:20" in stage.text("#coach-notice")
        await slump(stage)
        assert not stage.app.screen.query_one("#suggestion").display
        await stage.press("o")
        assert "Exercises are suggested again." in stage.notified
        await stage.frame()
        assert not stage.app.screen.query_one("#coach-notice").display
