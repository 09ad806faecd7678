"""The report in a real browser: quiet, alone, accessible, and of the right size on paper and on any screen."""

import json
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from pathlib import Path

import pytest

import browser
from lively_days import lively_days
from long_history import fill
from requirement import require
from unslouch.cli.main import main
from unslouch.store import Store

FIRST = date(2025, 3, 3)
DARK = "--force-dark-mode"


@pytest.fixture(scope="module", autouse=True)
def needed() -> None:
    require(browser.missing())


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Returns the report of a day or a week of a wearer who has noted and exercised, or of a year without a zero."""
    folder = tmp_path_factory.mktemp("reports")
    with Store.open(folder / "days.db", simulated=False) as store:
        store.add_pages(lively_days(FIRST, 10, hours=7).pages())
        store.words.add_note(1741600000000, "Long call <b>on the sofa</b> & tea")
        store.words.add_session("chin-tuck", 1741600300000, 1741600400000, repetitions=None, is_complete=True)
        store.words.add_session("cat-cow", 1741600500000, 1741600560000, repetitions=10, is_complete=False)
    fill(folder / "year.db", date(2025, 3, 8), 3)

    def write(kind: str) -> Path:
        path = folder / f"{kind}.html"
        database = folder / ("year.db" if kind == "year" else "days.db")
        words = ["--db", str(database), "--timezone", "Europe/Berlin", "--output", str(path)]
        assert main(["report", f"--{kind}", "2025-03-10", *words]) == 0
        return path

    return write


@pytest.mark.parametrize("kind", ["day", "week"])
def test_a_report_logs_nothing_requests_nothing_and_passes_axe_core(
    kind: str, report: Callable[[str], Path], profile: Path, tmp_path: Path
) -> None:
    page = report(kind)
    seen = browser.visit(page, profile)
    assert seen.console == []
    assert seen.requests == []
    assert browser.violations(page, tmp_path, profile) == []
    assert browser.violations(page, tmp_path, profile, DARK) == []


def test_a_page_that_does_all_that_is_found_out(profile: Path, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><title>x</title><body><p style='color:#ccc;background:#fff'>faint</p>"
        "<img src='http://example.invalid/a.png'><script>console.error('no')</script></body>"
    )
    seen = browser.visit(page, profile)
    assert any("no" in line for line in seen.console)
    assert seen.requests == ["http://example.invalid/a.png"]
    found = browser.violations(page, tmp_path, profile)
    assert {line.split(":")[0] for line in found} >= {"color-contrast", "image-alt", "html-has-lang"}


def test_paper_is_a4_and_no_chart_is_lost_on_it(report: Callable[[str], Path], profile: Path, tmp_path: Path) -> None:
    browser.print_pdf(report("day"), profile, tmp_path / "day.pdf")
    pdf = (tmp_path / "day.pdf").read_bytes()
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([0-9. ]+)\]", pdf)}
    assert boxes, "the PDF has pages"
    for left, bottom, right, top in boxes:
        assert (right - left, top - bottom) == (pytest.approx(595, abs=2), pytest.approx(842, abs=2))
    assert 2 <= pdf.count(b"/Type /Page\n") <= 8


_LOOK = """
const edges = cell => { // of its text
  const boxes = [], texts = cell.ownerDocument.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = cell.ownerDocument.createRange();
    range.selectNode(texts.currentNode);
    boxes.push(...range.getClientRects());
  }
  return {left: Math.min(...boxes.map(box => box.left)), right: Math.max(...boxes.map(box => box.right))};
};
const look = page => {
  const rows = {};
  for (const tile of page.querySelectorAll('.tiles div')) (rows[tile.offsetTop] ??= []).push(tile);
  const touching = [];
  for (const cell of page.querySelectorAll('th + th, th + td, td + th, td + td')) {
    const left = edges(cell.previousElementSibling), right = edges(cell);
    if (right.left - left.right < 4) // not without text, whose edges are infinite
      touching.push(cell.previousElementSibling.textContent + '|' + cell.textContent);
  }
  const boxes = [...page.querySelectorAll('.scroll')].filter(box => box.offsetParent);
  return {
    width: page.documentElement.scrollWidth,
    tiles_in_rows: [...new Set(Object.values(rows).map(row => row.length))],
    touching: touching,
    cut: boxes.filter(box => box.scrollWidth > box.clientWidth).map(box => box.getAttribute('aria-label')),
  };
};
onload = () => {
  const found = [...document.querySelectorAll('iframe')].map(frame => look(frame.contentDocument));
  document.body.insertAdjacentHTML('beforeend', '<pre id=found></pre>');
  document.getElementById('found').textContent = JSON.stringify(found);
};
"""
WIDTHS = (320, 360, 768, 1280)


@pytest.mark.parametrize("kind", ["day", "week", "year"])
def test_a_report_fits_any_window(kind: str, report: Callable[[str], Path], profile: Path, tmp_path: Path) -> None:
    """The headless window is at least 500 px wide, so the page stands in frames of the widths in question."""
    inner = browser._POLICY.sub("", report(kind).read_text()).replace('"', "&quot;")
    page = tmp_path / "framed.html"
    frames = (f'<iframe style="width:{width}px;height:900px;border:0" srcdoc="{inner}"></iframe>' for width in WIDTHS)
    page.write_text(f"<!doctype html><body>{''.join(frames)}<script>{_LOOK}</script>")
    written = re.search(r'<pre id="found">(.*?)</pre>', browser.visit(page, profile).dom, re.DOTALL)
    assert written, "the frames were loaded"
    found = json.loads(unescape(written[1]))
    assert [each["width"] for each in found] == list(WIDTHS), "nothing is wider than the window"
    assert [len(each["tiles_in_rows"]) for each in found] == [1] * len(WIDTHS), "each row has as many tiles"
    assert [each["touching"] for each in found] == [[]] * len(WIDTHS)
    assert found[-1]["cut"] == [], "a laptop shows every table whole"


def test_screenshots_show_light_and_dark(report: Callable[[str], Path], profile: Path, tmp_path: Path) -> None:
    sizes = {}
    for name, width, flags in (("phone", 500, []), ("laptop", 1280, []), ("laptop-dark", 1280, [DARK])):
        image = tmp_path / f"{name}.png"
        browser.screenshot(report("day"), profile, image, width, 900, *flags)
        sizes[name] = image.read_bytes()
        assert int.from_bytes(sizes[name][16:20]) == width
    assert sizes["laptop"] != sizes["laptop-dark"]
