"""`unslouch session` leads through exercises without a dashboard, and without a sensor."""

import re
import sys
from pathlib import Path

import pytest

from cli.processes import in_terminal, run
from unslouch.cli.main import main
from unslouch.cli.session_run import LEAVE_SCREEN
from unslouch.coach.progress import read_progress
from unslouch.errors import ExitCode
from unslouch.store import ExerciseSession, Store, default_path
from unslouch.store.coach_answers import Answer

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posture.db"


def sessions(path: Path, simulated: bool = False) -> list[ExerciseSession]:
    with Store.open(path, simulated=simulated, readonly=True) as store:
        return store.words.sessions(0, 1 << 62)


@posix_only
async def test_keys_lead_through_a_session_that_is_stored(path: Path) -> None:
    async with in_terminal("session", "chin-tuck", "--no-sensor", "--db", str(path)) as terminal:
        await terminal.past("Enter begins")
        terminal.type("\n")
        await terminal.past("Read how it is done")
        terminal.type("\n")
        await terminal.past("Get into position")
        terminal.type("\n")
        await terminal.past("Ready")
        terminal.type("\n")
        await terminal.past("1 of 10")
        terminal.type(" ")
        await terminal.past("PAUSED")
        terminal.type(" h")
        await terminal.past("lie on your back")
        terminal.type("\n")
        await terminal.past("1 of 5")
        terminal.type("\n")
        assert await terminal.ended() == ExitCode.OK
        await terminal.until("That was the session.")
    (session,) = sessions(path)
    assert (session.exercise, session.repetitions, session.is_complete) == ("chin-tuck", None, True)
    with Store.open(path, simulated=False, readonly=True) as store:
        assert read_progress(store).steps == {"chin-tuck": 0}


@posix_only
async def test_pain_leaves_the_exercise_out_until_it_is_allowed_again(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with in_terminal("session", "chin-tuck", "--no-sensor", "--db", str(path)) as terminal:
        await terminal.past("Enter begins")
        terminal.type("\n")
        await terminal.past("Read how it is done")
        terminal.type("p")
        assert await terminal.ended() == ExitCode.OK
        await terminal.past(LEAVE_SCREEN)  # what is said before that can't be read any more
        await terminal.until("Chin tuck is left out from now on")
        await terminal.until("See a clinician first")
    assert main(["session", "chin-tuck", "--db", str(path)]) == ExitCode.BAD_INPUT
    assert re.search(r"left out because it hurt on \d{4}-\d\d-\d\d\. See a clinician", capsys.readouterr().err)
    assert main(["exercises", "allow", "chin-tuck", "--db", str(path)]) == ExitCode.OK
    assert "offered again" in capsys.readouterr().err
    with Store.open(path, simulated=False, readonly=True) as store:
        assert read_progress(store).hurt_utc_ms == {}


OWN = """
[exercise.nod]
name = "Nod"
kinds = ["mobility"]
position = "sitting"
places = ["desk"]
set_up_s = 1
sources = ["ours"]
sensor = "timer"
how = ["Nod once."]
steps = [{ text = "Nod.", breaths = 1, source = "ours" }]
"""


async def test_without_a_terminal_it_prints_lines_and_begins_by_itself(path: Path, tmp_path: Path) -> None:
    (tmp_path / "unslouch").mkdir()
    (tmp_path / "unslouch" / "exercises.toml").write_text(OWN)
    arguments = ("session", "nod", "--no-sensor", "--db", str(path))
    code, out, err = await run("", *arguments, XDG_CONFIG_HOME=str(tmp_path))
    assert code == ExitCode.OK
    assert out.splitlines() == [
        "Nod. Nod once.",
        "Get into position.",
        "Ready. 3",
        "2",
        "1",
        "Breathe in.",
        "Breathe out.",
        "Done. That was the session.",
    ]
    assert "clinician" in err
    assert "Nod: 6 s." in err
    (session,) = sessions(path)
    assert session.end_utc_ms - session.start_utc_ms == pytest.approx(6_000, abs=1000)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chin-tucks"], "did you mean chin-tuck?"),
        (["chin-tuck", "--minutes", "5"], "can't be used together"),
        (["chin-tuck", "--circuit"], "A circuit has several exercises"),
        (["--place", "dsk"], "did you mean desk?"),
    ],
)
def test_a_mistake_gets_a_sentence(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["session", *arguments]) == ExitCode.BAD_INPUT
    assert words in capsys.readouterr().err


def test_where_everything_hurt_nothing_is_begun(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(path, simulated=False) as store:
        for id in ("chin-tuck", "blade-squeeze", "rib-lift", "pelvic-tilt", "spine-wave", "posture-change"):
            store.coach_answers.add(1000, Answer.HURT, id)
    arguments = ["session", "--minutes", "2", "--place", "desk", "--needs", "none", "--db", str(path)]
    assert main(arguments) == ExitCode.BAD_INPUT
    assert "No exercise is left" in capsys.readouterr().err


@posix_only
async def test_some_minutes_are_filled_with_todays_plan_of_the_programme(path: Path) -> None:
    arguments = ("--minutes", "5", "--place", "desk", "--needs", "none", "--no-sensor", "--db", str(path))
    async with in_terminal("session", *arguments) as terminal:
        await terminal.past("Enter begins")
        terminal.type("\n")
        await terminal.past("Chin tuck · 1 of ")
        terminal.type("s")
        await terminal.past(" · 2 of ")
        terminal.type("q")
        assert await terminal.ended() == ExitCode.OK


@posix_only
async def test_on_the_twin_the_samples_come_in_and_the_session_goes_into_the_demos_database() -> None:
    path = default_path(simulated=True)
    before = len(sessions(path, simulated=True)) if path.exists() else 0
    async with in_terminal("session", "spine-wave", "--demo") as terminal:
        if not before:
            await terminal.past("Enter begins")
            terminal.type("\n")
        await terminal.past("The sensor counts")
        terminal.type("\n\n")
        await terminal.past("Keep the start pose")
        terminal.type("\n")
        await terminal.past("Tilt of your back")
        terminal.type("q")
        assert await terminal.ended() == ExitCode.OK
    assert [one.is_complete for one in sessions(path, simulated=True)[before:]] == [False]
