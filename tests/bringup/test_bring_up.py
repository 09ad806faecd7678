"""unslouch bring-up: the items as the document has them, what a program can judge, and the report that goes on."""

from pathlib import Path

import pytest

from cli import processes
from unslouch.cli import bring_up, console
from unslouch.cli.parsing import parse
from unslouch.doctor.bringup.automatic import AUTOMATIC
from unslouch.doctor.bringup.items import IN_CHECKOUT, read_items
from unslouch.doctor.bringup.report import Answer, Verdict, read_answers, write_report
from unslouch.errors import BadInput, ExitCode

ITEMS = read_items(IN_CHECKOUT)
WELL = '{"bus_errors": 0, "late_ms": 40, "boot_cause": "power on"}'


def test_items_are_numbered_and_say_what_to_do() -> None:
    assert [item.number for item in ITEMS] == list(range(1, len(ITEMS) + 1))
    assert len(ITEMS) > 40
    assert all(item.do and item.see and item.otherwise and item.section for item in ITEMS)


def test_every_item_has_a_command_that_shows_it_and_unslouch_knows_it() -> None:
    for item in ITEMS:
        assert item.commands or item.id in ("bus-stuck",), item.id
        for command in item.commands:
            parse(command.split())


def test_an_item_without_a_part_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bring-up.md"
    path.write_text("# Bring-up\n\n## Starting\n\n### light\n- **Do:** start it.\n- **Else:** a wire.\n")
    with pytest.raises(ValueError, match="light has no part 'See'"):
        read_items(path)


def test_what_a_program_judges_belongs_to_items() -> None:
    assert set(AUTOMATIC) <= {item.id for item in ITEMS}
    for automatic in AUTOMATIC.values():
        parse(list(automatic.command))


@pytest.mark.parametrize(
    ("item", "code", "output", "wrong"),
    [
        ("first-flash", 0, "", None),
        ("first-flash", 3, "", "the sensor doesn't answer"),
        ("imu-self-test", 0, "acceleration x  passed\nrate z          passed", None),
        ("imu-self-test", 1, "acceleration x  passed\nrate z          failed", "failed: rate z"),
        ("imu-self-test", 3, "", "the self-test could not be run"),
        ("imu-bus", 0, WELL, None),
        ("imu-bus", 0, '{"bus_errors": 7}', "errors on the bus: 7, at most 0 is right"),
        ("imu-bus", 3, "", "the sensor gives no figures"),
        ("usb-stdout", 0, '{"late_ms": 900}', "the loop was late by so many ms: 900, at most 500 is right"),
        ("flash-times", 0, '{"late_ms": 900}', None),
        ("light-sleep-watchdog", 0, WELL, None),
        ("light-sleep-watchdog", 0, '{"boot_cause": "watchdog"}', "the watchdog reset it"),
    ],
)
def test_a_program_judges(item: str, code: int, output: str, wrong: str | None) -> None:
    assert AUTOMATIC[item].judge(code, output) == wrong


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    answers = {
        "light": Answer("light", Verdict.FAILED, "2026-11-30 10:00", "dim | flickers"),
        "imu-bus": Answer("imu-bus", Verdict.PASSED, "2026-11-30 11:00"),
    }
    write_report(path, "unslouch 0.1.0", ITEMS, answers)
    assert read_answers(path) == answers
    text = path.read_text()
    assert "- light: `LED_PIN`, `LED_ON` in the board file." in text
    assert "| open |" in text


def test_a_walk_asks_keeps_each_answer_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report.md"
    typed = iter(["y", "n", "dark", "q", "s", "q"])
    monkeypatch.setattr(console, "can_ask", lambda: True)
    monkeypatch.setattr(console, "ask", lambda question: next(typed))
    monkeypatch.setattr(bring_up, "_run", lambda command, args, shown: (3, ""))
    assert bring_up.run(parse(["bring-up", "--report", str(report)])) == ExitCode.OK
    answers = read_answers(report)
    assert [(answer.item_id, answer.verdict, answer.note) for answer in answers.values()] == [
        (ITEMS[0].id, Verdict.PASSED, ""),
        (ITEMS[1].id, Verdict.FAILED, "dark"),
    ]
    bring_up.run(parse(["bring-up", "--report", str(report)]))
    assert list(read_answers(report)) == [item.id for item in ITEMS[:3]]
    assert "No sensor answered" in report.read_text()


def test_an_item_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no item 'imu-buss'"):
        bring_up.run(parse(["bring-up", "--item", "imu-buss", "--report", str(tmp_path / "report.md")]))


async def test_without_a_terminal_it_says_what_to_do(tmp_path: Path) -> None:
    code, _, err = await processes.run("", "bring-up", "--report", str(tmp_path / "report.md"))
    assert code == ExitCode.BAD_INPUT
    assert "--automatic" in err


async def test_a_simulated_sensor_passes_what_a_program_can_judge(tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    arguments = ("bring-up", "--demo", "--automatic", "--item", "imu-bus", "--report", str(report))
    code, out, err = await processes.run("", *arguments)
    assert (code, out) == (0, "passed  imu-bus\n"), err
    assert read_answers(report)["imu-bus"].verdict is Verdict.PASSED
    assert "XIAO ESP32-S3" in report.read_text()
