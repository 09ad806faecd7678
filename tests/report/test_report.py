"""What a report says is what the log says, and nothing in it comes from anywhere else."""

import re
from collections.abc import Iterator
from datetime import UTC, date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from journals import JournalBuilder
from lively_days import lively_days
from unslouch.analysis.comparison import Range, days_of_kind, is_weekend, value_range, weighted_mean
from unslouch.analysis.history import History
from unslouch.analysis.metrics.registry import METRICS_BY_NAME
from unslouch.cli.main import main
from unslouch.coach.pictures import exercise_picture
from unslouch.errors import BadInput, ExitCode, NoData
from unslouch.export.report.bars import Bar, bars
from unslouch.export.report.comparison import COMPARED
from unslouch.export.report.distributions import ZONE_GROUPS
from unslouch.export.report.hours import POSTURES, hour_minutes
from unslouch.export.report.numbers import LABELS, range_text, value_text
from unslouch.export.report.periods import Period, default_name, period_named
from unslouch.export.report.trends import TRENDS
from unslouch.export.report.writer import write_report
from unslouch.store import Store
from unslouch_device.contract import states

FIRST = date(2025, 3, 3)
DAY = date(2025, 3, 12)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("report") / "days.db"
    with Store.open(path, simulated=False) as store:
        store.add_pages(lively_days(FIRST, 11, hours=6).pages())
        store.words.add_note(1741766400000, "<script>alert('x')</script>")
    return path


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    with Store.open(path, simulated=False) as store:
        yield History(store, UTC)


def report(history: History, kind: str, word: str = "2025-03-12") -> str:
    return write_report(history, period_named(kind, word, DAY), least_min=240).decode()


class _Outline(HTMLParser):
    """Notes the elements of a page, and what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def outline(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Outline()
    parser.feed(page)
    return parser.elements


@pytest.mark.parametrize("kind", ["day", "week", "month", "year"])
def test_a_report_is_one_file_without_scripts_or_addresses(kind: str, history: History) -> None:
    page = report(history, kind)
    elements = outline(page)
    assert {tag for tag, _ in elements}.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    references = [value for _, attributes in elements for name, value in attributes.items() if name in ("src", "href")]
    assert references == []
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src &#x27;none&#x27;" in page


def test_every_drawing_says_what_it_shows(history: History) -> None:
    for kind in ("day", "week"):
        drawings = [attributes for tag, attributes in outline(report(history, kind)) if tag == "svg"]
        assert len(drawings) > 2
        for drawing in drawings:
            assert drawing["role"] == "img"
            assert len(drawing["aria-label"] or "") > 20


def test_the_wearers_words_are_shown_as_text(history: History) -> None:
    page = report(history, "day")
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in page


def test_the_numbers_are_those_of_the_log(history: History) -> None:
    page = report(history, "day")
    day = history.day(DAY)
    for name in ("episodes", "alerts", "measured"):
        assert f"<span>{value_text(name, day.summary.values[name])}</span>" in page
    assert page.count("<tr>") > len(METRICS_BY_NAME)
    for metric in METRICS_BY_NAME:
        assert f">{metric}</th>" in page


def test_a_list_that_is_cut_says_so_on_paper_where_nothing_unfolds(history: History) -> None:
    page = report(history, "week")
    folded = re.findall(r"<summary>All (\d+) (?:slouches|alerts)</summary>", page)
    noted = re.findall(r'<p class="on-paper">The first 10 of (\d+);', page)
    assert folded
    assert noted == folded


def test_the_same_records_give_the_same_bytes(path: Path) -> None:
    with Store.open(path, simulated=False) as store, Store.open(path, simulated=False, readonly=True) as again:
        assert report(History(store, UTC), "week") == report(History(again, UTC), "week")


def test_a_day_is_compared_with_valid_days_of_its_kind(history: History) -> None:
    page = report(history, "day")
    assert "Beside your 7 valid weekdays of the 4 weeks before" in page
    assert "Beside your 1 valid weekend day of" in report(history, "day", "2025-03-09")


def test_weekdays_and_weekends_are_kept_apart_and_short_days_left_out(history: History) -> None:
    summaries = history.summaries(FIRST, FIRST + timedelta(days=10))
    weekdays, weekend = days_of_kind(summaries, weekend=False), days_of_kind(summaries, weekend=True)
    assert {day.weekday() for day in weekdays} == {0, 1, 2, 3, 4}
    assert len(weekend) == 2
    assert days_of_kind(summaries, weekend=False, least_min=10_000) == {}
    assert is_weekend(date(2025, 3, 8))
    found = value_range(weekend.values(), "measured")
    assert found is not None
    assert found.days == 2
    assert found.least <= found.mean <= found.greatest
    assert weighted_mean(Range(10, 9, 11, 3), Range(3, 3, 3, 1)) == 8
    assert weighted_mean(None, found) is None


def test_a_period_without_records_gets_one_sentence(history: History) -> None:
    with pytest.raises(NoData, match="Nothing is recorded from 2024-01-01 to 2024-12-31"):
        report(history, "year", "2024-06-01")
    with pytest.raises(NoData, match="Nothing is recorded for 2024-06-01"):
        report(history, "day", "2024-06-01")


def test_the_hours_of_a_day_hold_all_of_its_worn_time_when_clocks_change(tmp_path: Path) -> None:
    journal = JournalBuilder().start_boot().clock(1743289200000).epochs(states.UPRIGHT, 17_280)
    with Store.open(tmp_path / "summer.db", simulated=False) as store:
        store.add_pages(journal.pages())
        day = History(store, ZoneInfo("Europe/Berlin")).day(date(2025, 3, 30))
    hours = hour_minutes([day])
    assert day.hours == 23
    worn_ms = sum(span.end_utc_ms - span.start_utc_ms for span in day.spans if span.state in POSTURES)
    assert hours.sum() == pytest.approx(worn_ms / 60_000)
    assert hours[2].sum() == 0, "there was no hour from 2 to 3"
    assert hours[3].sum() == pytest.approx(60)


def test_periods_are_named_by_a_day_in_them() -> None:
    assert period_named("week", "2025-03-12", DAY) == Period("week", date(2025, 3, 10), date(2025, 3, 16))
    assert period_named("month", "2024-02-12", DAY).last == date(2024, 2, 29)
    assert period_named("day", "yesterday", DAY).first == date(2025, 3, 11)
    assert period_named("week", "2025-04-01", DAY).title == "Week of 31 March to 6 April 2025"
    assert str(default_name(period_named("week", "2024-12-31", DAY), is_demo=False)) == "unslouch-report-2025-W01.html"
    with pytest.raises(BadInput, match="is no day"):
        period_named("week", "2025-13-40", DAY)


def test_the_command_writes_a_private_file_and_says_where(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--week", "2025-03-12", "--db", str(path), "--timezone", "UTC"]) == ExitCode.OK
    written = tmp_path / "unslouch-report-2025-W11.html"
    assert written.stat().st_mode & 0o777 == 0o600
    assert "Wrote the report of Week of 10 to 16 March 2025" in capsys.readouterr().err
    assert re.match(r"<!doctype html>\n<html lang=\"en\">", written.read_text())


def test_a_report_on_stdout_cannot_be_opened(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--output", "-", "--open", "--db", str(path)]) == ExitCode.BAD_INPUT
    assert "can't be opened" in capsys.readouterr().err


def test_every_metric_that_the_report_names_exists() -> None:
    named = {zone.metric for _, zones in ZONE_GROUPS for zone in zones} | set(COMPARED) | set(TRENDS) | set(LABELS)
    assert named <= METRICS_BY_NAME.keys()


def test_the_zones_of_each_standard_add_up_to_the_same_time(history: History) -> None:
    values = history.day(DAY).summary.values
    totals = [sum(values[zone.metric] for zone in zones) for _, zones in ZONE_GROUPS]
    assert totals == [pytest.approx(totals[0])] * 4


def test_a_zone_of_the_same_number_has_the_same_colour_in_rula_and_in_reba() -> None:
    for _, zones in ZONE_GROUPS:
        assert len({zone.class_ for zone in zones}) == len(zones), "each zone of a chart has a colour of its own"
    colours: dict[str, set[str]] = {}
    meanings: dict[str, set[str]] = {}
    for zone in (zone for _, zones in ZONE_GROUPS for zone in zones if zone.metric.startswith(("rula", "reba"))):
        number = zone.metric.partition("_")[2]
        colours.setdefault(number, set()).add(zone.class_)
        meanings.setdefault(zone.class_, set()).add(number)
    assert {len(each) for each in (*colours.values(), *meanings.values())} == {1}


def test_bars_are_as_long_as_their_share_of_the_whole() -> None:
    markup = bars([Bar("a", 3, "z0", "3 min"), Bar("b", 1, "z1", "1 min"), Bar("c", 0, "z2", "0 min")])
    assert re.findall(r"width:([\d.]+)%", markup) == ["75.0", "25.0"]
    assert re.findall(r"\w+ min · [^<]+", markup) == ["3 min · 75 %", "1 min · 25 %", "0 min · 0 %"]
    assert "10 s · &lt; 1 %" in bars([Bar("a", 10, "z0", "10 s"), Bar("b", 86_390, "z1", "the rest")])


def test_every_bar_of_a_report_is_a_share_of_a_whole(history: History) -> None:
    groups = report(history, "week").split('<div class="bars">')[1:]
    assert len(groups) == 6
    for group in groups:
        widths = [float(width) for width in re.findall(r"width:([\d.]+)%", group.partition("</div>")[0])]
        assert sum(widths) == pytest.approx(100, abs=0.5)


def test_numbers_below_zero_have_the_minus_sign_of_print(history: History) -> None:
    for kind in ("day", "week"):
        page = re.sub(r"<style>.*?</style>", "", report(history, kind), flags=re.DOTALL)
        shown = re.findall(r">([^<]+)<", page) + re.findall(r'aria-label="([^"]+)"', page)
        assert [text for text in shown if re.search(r"(?<![\w.)/-])-\d", text)] == []
        assert any("\N{MINUS SIGN}6.0°" in text for text in shown), "the standing zero"


def test_a_range_with_equal_ends_says_one_value(tmp_path: Path) -> None:
    assert range_text("measured", 360, 480) == "6\xa0h\xa000\xa0min to 8\xa0h\xa000\xa0min"
    assert range_text("measured", 480.1, 480.2) == "8\xa0h\xa000\xa0min"
    with Store.open(tmp_path / "day.db", simulated=False) as store:
        store.add_pages(lively_days(DAY, 1, hours=6).pages())
        page = report(History(store, UTC), "week")
    assert "on one valid day" in page
    assert re.findall(r"(\d[^<>;:,]*) to \1", page) == []


def test_the_tiles_fill_their_rows(history: History) -> None:
    for kind, tiles in (("day", 6), ("week", 8), ("year", 8)):
        head = report(history, kind).partition("</dl>")[0]
        assert head.count("<dt>") == tiles


def test_each_day_of_a_period_has_a_row_whose_headings_have_the_units(history: History) -> None:
    table = report(history, "week").partition('id="every-day"')[2].partition("</table>")[0]
    headings = re.findall(r'<th scope="col">([^<]+)</th>', table)
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t", row) for row in table.split("<tr>")[2:]]
    (cells,) = [dict(zip(headings, row, strict=True)) for row in rows if row[0] == "Wed\xa012\xa0Mar"]
    values = history.day(DAY).summary.values
    assert cells["upright share, %"] == f"{values['upright_share'] * 100:.0f}"
    assert cells["valid time, h:min"] == "6:00"
    assert cells["median tilt, °"] == f"{values['tilt_p50']:.1f}"


def test_an_exercise_that_was_done_is_shown_by_name_and_as_a_picture(tmp_path: Path) -> None:
    with Store.open(tmp_path / "days.db", simulated=False) as store:
        store.add_pages(lively_days(DAY, 1, hours=2).pages())
        noon_ms = 1741780800000
        store.words.add_session("cat-cow", noon_ms, noon_ms + 60_000, repetitions=9, is_complete=True)
        store.words.add_session("own-nod", noon_ms + 90_000, noon_ms + 99_000, repetitions=None, is_complete=False)
        period = period_named("day", "2025-03-12", DAY)
        page = write_report(History(store, UTC), period, least_min=240, pictures=exercise_picture).decode()
        bare = write_report(History(store, UTC), period, least_min=240).decode()
    assert page.count("<animate ") > 5
    assert "<title>Cat-cow</title>" in page
    assert ">own nod</td>" in page
    assert page.count('class="moving"') == page.count('class="steps"') == 1
    assert ">cat cow</td>" in bare
    assert "<animate" not in bare
