"""The Exercises mode lists, filters and explains, and leads through sessions that are stored."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from tui.conftest import NEVER_PER_S, Open, Stage
from tui.fake_feed import FakeClock, FakeFeed, a_day
from unslouch.analysis.history import History
from unslouch.coach.catalogue import Condition, Equipment, Kind, Place
from unslouch.coach.catalogue_file import builtin_catalogue
from unslouch.coach.progress import read_progress
from unslouch.config.model import CoachConfig, Config
from unslouch.errors import UnslouchError
from unslouch.safety import clinician_first
from unslouch.store import ExerciseSession, Store
from unslouch.store.coach_answers import Answer
from unslouch.tui.app import DashboardApp
from unslouch.tui.screens.exercise_filter import ExerciseFilter, filter_of
from unslouch.tui.screens.exercises import ExercisesScreen
from unslouch.tui.screens.guided_session import GuidedSessionScreen
from unslouch.tui.widgets.choice_list import ChoiceList
from unslouch.tui.widgets.exercise_detail import ExerciseDetail

OpenMode = Callable[..., AbstractAsyncContextManager[Stage]]
WITH_BAND = CoachConfig(place=Place.HOME, equipment=(Equipment.BAND,))
SIZES = [(40, 12), (80, 24), (120, 40), (200, 60)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "posture.db"
    Store.open(path, simulated=False).close()
    return path


@pytest.fixture
def opened(dashboard: Open, path: Path) -> OpenMode:
    @asynccontextmanager
    async def open_mode(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
        feed = FakeFeed(day=a_day())
        feed.stored = History(Store.open(path, simulated=False), ZoneInfo("Europe/Berlin"))
        async with dashboard(size=size, feed=feed) as stage:
            await stage.press("4")
            yield stage
        feed.stored.store.close()

    return open_mode


def sessions(path: Path) -> list[ExerciseSession]:
    with Store.open(path, simulated=False, readonly=True) as store:
        return store.words.sessions(0, 1 << 62)


def mode(stage: Stage) -> ExercisesScreen:
    screen = stage.app.mode_screen
    assert isinstance(screen, ExercisesScreen)
    return screen


async def lead_to(stage: Stage, seconds: float) -> None:
    """Let the session go on."""
    for _ in range(round(seconds / 0.5)):
        stage.clock.now_s += 0.5
        screen = stage.app.screen
        if isinstance(screen, GuidedSessionScreen):
            screen.advance()
    await stage.frame()


def test_a_filter_lets_through_what_suits(tmp_path: Path) -> None:
    catalogue = builtin_catalogue()
    at_desk = filter_of(CoachConfig())
    assert [exercise.id for exercise in at_desk.apply(catalogue)] == [
        "chin-tuck",
        "blade-squeeze",
        "rib-lift",
        "pelvic-tilt",
        "spine-wave",
        "posture-change",
    ]
    assert at_desk.description == "any kind · desk · nothing at hand"
    assert ExerciseFilter().apply(catalogue) == catalogue.exercises
    stretches = ExerciseFilter(kinds=frozenset({Kind.STRETCH}), equipment=frozenset({Equipment.WALL}))
    assert [exercise.id for exercise in stretches.apply(catalogue)] == ["pec-stretch"]
    gentle = filter_of(CoachConfig(gentle=True, place=Place.HOME, equipment=tuple(Equipment)))
    assert not {"cat-cow", "spine-wave", "thoracic-extension-roll"} & {e.id for e in gentle.apply(catalogue)}
    assert "not with osteoporosis" in gentle.description


async def test_the_catalogue_opens_with_the_wearers_place_and_equipment(opened: OpenMode) -> None:
    async with opened() as stage:
        text = stage.screen_text()
        assert "Exercises (6 of 27)" in text
        assert "Filter: any kind · desk" in text
        assert "Chin tuck" in text
        assert "1. Sit tall and let your shoulders" in text


async def test_the_arrow_keys_choose_and_the_figure_moves(opened: OpenMode) -> None:
    async with opened() as stage:
        await stage.press("down")
        assert "Draw your shoulder blades together" in stage.screen_text()
        first = stage.text("#figure")
        stage.clock.now_s += 1.0
        await stage.frame()
        assert stage.text("#figure") != first


async def test_brackets_in_an_exercise_of_ones_own_are_no_markup(opened: OpenMode) -> None:
    async with opened() as stage:
        catalogue = builtin_catalogue()
        own = replace(catalogue.exercises[0], name="Wall slide [/easy]")
        stage.app.screen.query_one(ExerciseDetail).show(catalogue, own, 0, "", "")
        await stage.settle()
        assert "Wall slide [/easy]" in stage.screen_text()


@pytest.mark.parametrize(
    ("size", "longest"),
    [((120, 40), ["pec-stretch"]), ((200, 60), [])],
    ids=str,
)
async def test_only_the_longest_descriptions_have_to_be_scrolled(
    opened: OpenMode, size: tuple[int, int], longest: list[str]
) -> None:
    async with opened(size=size) as stage:  # type: ignore[call-arg]
        screen = mode(stage)
        screen._filter = ExerciseFilter()
        screen._list()
        await stage.frame()
        detail = screen.query_one("#detail")
        scrolled = []
        for number, exercise in enumerate(screen._shown):
            screen.query_one("#exercises", OptionList).highlighted = number
            await stage.frame()
            await stage.pilot.pause()
            if detail.show_vertical_scrollbar:
                scrolled.append(exercise.id)
        assert scrolled == longest


async def test_other_filters_show_other_exercises(opened: OpenMode) -> None:
    async with opened(size=(120, 40)) as stage:  # type: ignore[attr-defined]
        await stage.press("f")
        screen = stage.app.screen
        for name, wanted in (
            ("places", Place.HOME),
            ("places", Place.DESK),  # which is chosen, and is left so
            ("equipment", Equipment.FLOOR),
            ("conditions", Condition.PREGNANCY),
        ):
            choices = screen.query_one(f"#{name}", ChoiceList)
            choices.focus()
            choices.highlighted = list(type(wanted)).index(wanted)  # type: ignore[arg-type]
            await stage.press("space")
        assert "● home" in stage.screen_text()
        assert "○ desk" in stage.screen_text()
        await stage.press("f")
        shown = mode(stage)._shown
        assert "bird-dog" in [exercise.id for exercise in shown]
        assert "supine-bridge" not in [exercise.id for exercise in shown]
        assert mode(stage)._filter.description == "any kind · home · floor at hand · not with pregnancy"


def times_to_see_a_clinician(stage: Stage) -> int:
    """How often the chosen exercise's description says it, as far as one can scroll."""
    detail = mode(stage).query_one(ExerciseDetail)
    return sum(str(text.render()).count(clinician_first()) for text in detail.query(Static) if text.display)


async def test_the_catalogue_says_once_when_to_see_a_clinician_first(opened: OpenMode) -> None:
    async with opened() as stage:
        assert times_to_see_a_clinician(stage) == 1


async def test_the_rules_come_before_the_first_session_and_only_then(opened: OpenMode) -> None:
    async with opened(size=(120, 40)) as stage:  # type: ignore[call-arg]
        await stage.press("enter")
        assert stage.screen_text().count("See a clinician first") == 1
        await stage.press("escape")
        assert not isinstance(stage.app.screen, GuidedSessionScreen)
        await stage.press("enter")
        await stage.press("y")
        assert isinstance(stage.app.screen, GuidedSessionScreen)
        await stage.press("q", "q")
        await stage.press("enter")
        assert isinstance(stage.app.screen, GuidedSessionScreen)


async def test_instructions_that_do_not_fit_are_scrolled_with_the_arrow_keys(opened: OpenMode) -> None:
    async with opened(size=(40, 12)) as stage:  # type: ignore[call-arg]
        await stage.press("enter", "y")
        assert "1. Sit tall" in stage.screen_text()
        scene = stage.app.screen.query_one("#scene")
        await stage.press("end")
        await stage.until(lambda: scene.scroll_y == scene.max_scroll_y > 0)
        assert "can't count it" in stage.screen_text()
        await stage.press("enter")
        await stage.until(lambda: "Chin tuck" in stage.screen_text())


async def test_a_session_is_led_through_and_stored(opened: OpenMode, path: Path) -> None:
    async with opened() as stage:
        await stage.press("enter", "y", "enter")
        await lead_to(stage, 11.0)
        assert "Hold" in stage.text("#headline")
        assert "1 of 10" in stage.text("#counts")
        assert "A timer runs" in stage.text("#sentences")
        await lead_to(stage, 100.0)
        assert "That was the session." in stage.text("#headline")
        await stage.press("escape")
        await stage.settle()
        assert mode(stage)._past.last_done_utc_ms.keys() == {"chin-tuck"}
    (session,) = sessions(path)
    assert (session.exercise, session.is_complete) == ("chin-tuck", True)
    assert session.end_utc_ms - session.start_utc_ms == pytest.approx(90_000, abs=2_000)


async def test_pain_leaves_the_exercise_out_until_it_is_allowed(opened: OpenMode, path: Path) -> None:
    async with opened() as stage:
        await stage.press("enter", "y", "p")
        assert clinician_first() in " ".join(stage.text("#headline").split())
        await stage.press("escape")
        await stage.settle()
        assert "! Chin tuck" in stage.screen_text()
        assert "Left out because it hurt" in stage.screen_text()
        assert times_to_see_a_clinician(stage) == 1
        await stage.press("enter")
        assert not isinstance(stage.app.screen, GuidedSessionScreen)
        await stage.press("a")
        assert "! Chin tuck" not in stage.screen_text()
    with Store.open(path, simulated=False, readonly=True) as store:
        assert read_progress(store).hurt_utc_ms == {}


async def test_too_hard_is_remembered_for_the_next_time(opened: OpenMode, path: Path) -> None:
    async with opened() as stage:
        await stage.press("enter", "y", "h", "q", "q")
        await stage.settle()
        assert mode(stage)._past.progress.steps == {"chin-tuck": 0}
    with Store.open(path, simulated=False, readonly=True) as store:
        assert read_progress(store).steps == {"chin-tuck": 0}


async def test_todays_plan_is_shown_for_the_time_that_is_given_and_led_through(opened: OpenMode, path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        store.words.add_session("chin-tuck", 1000, 2000, repetitions=None, is_complete=True)
        store.coach_answers.add(1000, Answer.HURT, "rib-lift")
    async with opened() as stage:
        await stage.press("m")
        assert "Day 2 of 42, week 1." in stage.text("#heading")
        assert "of 2 min, one exercise." in " ".join(stage.text("#heading").split())
        assert "Shoulder blade squeeze: hold 5 s, 10 times" in stage.text("#exercises")
        assert "Rib lift" not in stage.text("#exercises")
        short = len(stage.text("#exercises").splitlines())
        await stage.press("3")
        assert "of 15 min" in " ".join(stage.text("#heading").split())
        assert len(stage.text("#exercises").splitlines()) > short
        await stage.press("enter")
        screen = stage.app.screen
        assert isinstance(screen, GuidedSessionScreen)
        items = screen._session._items
        assert items[0].exercise.id == "blade-squeeze"
        assert [item.rest_before_s for item in items] == [0.0] + [60.0] * (len(items) - 1)


async def test_a_circuit_of_todays_plan_is_led_through_in_rounds(opened: OpenMode, path: Path) -> None:
    with Store.open(path, simulated=False) as store:
        for id in ("chin-tuck", "blade-squeeze", "rib-lift", "pelvic-tilt", "spine-wave"):
            store.words.add_session(id, 1000, 2000, repetitions=None, is_complete=True)
    async with opened() as stage:
        stage.app.shared.config = Config(coach=WITH_BAND)
        mode(stage)._filter = filter_of(WITH_BAND)
        await stage.press("m", "3", "c")
        assert "as a circuit of 2 rounds" in stage.text("#heading")
        await stage.press("enter")
        screen = stage.app.screen
        assert isinstance(screen, GuidedSessionScreen)
        assert {item.round for item in screen._session._items} == {1, 2}
        assert "round 1 of 2" in stage.text("#name")


async def test_a_plan_that_is_left_begins_nothing(opened: OpenMode) -> None:
    async with opened() as stage:
        await stage.press("m", "escape")
        assert not stage.app.screen.is_modal


async def test_the_sensor_counts_on_the_screen_where_it_can(opened: OpenMode) -> None:
    async with opened(size=(80, 30)) as stage:  # type: ignore[attr-defined]
        mode(stage).query_one("#exercises", OptionList).highlighted = 4
        await stage.press("enter", "y", "enter", "enter")
        screen = stage.app.screen
        assert isinstance(screen, GuidedSessionScreen)
        stage.feed.live(0.0, seconds=4)
        await stage.frame()
        screen.advance()
        for _ in range(2):
            stage.feed.live(30.0, seconds=1)
            stage.feed.live(0.0, seconds=1)
        await stage.frame()
        screen.advance()
        await stage.frame()
        assert "2 of 8" in stage.text("#counts")
        assert "Turn between the dotted lines" in stage.text("#curve")


async def test_a_dashboard_that_ends_amid_a_session_stores_what_was_done(opened: OpenMode, path: Path) -> None:
    async with opened() as stage:
        await stage.press("enter", "y", "enter")
        await lead_to(stage, 12.0)
    assert [session.is_complete for session in sessions(path)] == [False]


@pytest.fixture
def looks_as_before(monkeypatch: pytest.MonkeyPatch, snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    monkeypatch.delenv("NO_COLOR", raising=False)

    def compare(size: tuple[int, int], *keys: str, seconds: float = 0.0, moves: bool = False) -> bool:
        feed, clock = FakeFeed(day=a_day()), FakeClock()
        app = DashboardApp(feed, None, clock, ascii_only=False, frames_per_s=NEVER_PER_S)

        async def act(pilot: Pilot[UnslouchError]) -> None:
            await pilot.pause()
            await feed.is_followed.wait()
            feed.connect()
            feed.live(3.0)
            stage = Stage(app, feed, feed, clock, pilot)
            await stage.settle()
            monkeypatch.setattr(ExercisesScreen, "_show_tip", _first_tip)
            await stage.press("4")
            for key in keys:  # one after another: some open a dialog that takes the next one
                await stage.press(key)
            await lead_to(stage, seconds)
            if moves:
                for forward_deg in (0.0, 0.0, 0.0, 30.0, 0.0, 30.0, 20.0):
                    feed.live(forward_deg, seconds=1)
                await stage.frame()
                await lead_to(stage, 0.5)

        return snap_compare(app, terminal_size=size, run_before=act)

    return compare


def _first_tip(screen: ExercisesScreen) -> None:
    screen.query_one("#tip").update(f"Tip: {screen._catalogue.tips[0].text}")  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_catalogue_looks_as_before(looks_as_before: Callable[..., bool], size: tuple[int, int]) -> None:
    assert looks_as_before(size)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_session_looks_as_before(looks_as_before: Callable[..., bool], size: tuple[int, int]) -> None:
    assert looks_as_before(size, "down", "enter", "y", "enter", seconds=11.0)


def test_a_counted_session_looks_as_before(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before((80, 24), *["down"] * 4, "enter", "y", "enter", "enter", moves=True)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_todays_plan_looks_as_before(looks_as_before: Callable[..., bool], size: tuple[int, int]) -> None:
    assert looks_as_before(size, "m", "2")


def test_filters_look_as_before(looks_as_before: Callable[..., bool]) -> None:
    assert looks_as_before((120, 40), "f")


async def test_when_a_session_is_over_only_the_keys_that_close_it_are_named(opened: OpenMode) -> None:
    async with opened(size=(100, 30)) as stage:  # type: ignore[attr-defined]
        await stage.press("enter", "y")
        await stage.press("q")
        await stage.until(lambda: "Enter or Esc closes." in stage.screen_text())
        await stage.until(lambda: "Pause" not in stage.screen_text().splitlines()[-1])
        await stage.press("h")
        assert "Enter or Esc closes." in stage.screen_text()
        await stage.press("enter")
        assert stage.app.screen is stage.app.mode_screen
