"""Draws the docs' pictures of the dashboard anew, from the program on a simulated sensor: `make screenshots`."""

import asyncio
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unslouch.tui.app import DashboardApp

PICTURES = Path(__file__).with_name("screens")
MODES = (("1", "live"), ("2", "day"), ("3", "history"), ("4", "exercises"), ("5", "sensor"))
SIZE = (120, 40)
SMALL = (96, 30)
SLUMP_AFTER_S = 11.0
FRAMES, FRAME_S = 10, 2.4
CAPTURED_EVERY_S = 4.8  # so that the frames last until the alert, which comes after 30 s of leaning
MOVING_TITLE = (
    "The dashboard while its simulated wearer slumps: the figure leans, the tilt rises, and after 30 s an alert comes"
)
PATIENCE_S = 60.0
NOTHING_READ = "no&#160;valid&#160;day&#160;yet"  # what the trend of the History mode says before days are read


async def draw() -> None:
    """Write a picture of each mode, and a moving one of Live."""
    from unslouch.tui.app import DashboardApp
    from unslouch.tui.feed import RecorderFeed, open_simulated_sensor

    def app() -> DashboardApp:
        return DashboardApp(RecorderFeed(open_simulated_sensor, None, True), None, ascii_only=False)

    PICTURES.mkdir(exist_ok=True)
    shown = app()
    async with shown.run_test(size=SMALL) as pilot:
        await until_calibrated(shown)
        frames = []
        for _ in range(FRAMES):
            await asyncio.sleep(CAPTURED_EVERY_S)
            await pilot.pause()
            frames.append(plain(shown.export_screenshot()))
        (PICTURES / "moving.svg").write_text(animated(frames), encoding="utf-8")
    shown = app()
    async with shown.run_test(size=SIZE) as pilot:
        await until_calibrated(shown)
        await asyncio.sleep(SLUMP_AFTER_S)
        for key, name in MODES:
            await pilot.press(key)
            await asyncio.sleep(FRAME_S)
            if name == "history":
                await until_read(shown)
            await pilot.pause()
            (PICTURES / f"{name}.svg").write_text(plain(shown.export_screenshot()), encoding="utf-8")


async def until_calibrated(app: "DashboardApp") -> None:
    """Wait until the sensor is linked and its tilt known."""
    async with asyncio.timeout(PATIENCE_S):
        while (sample := app.shared.sensor.live) is None or sample.forward_deg is None:
            await asyncio.sleep(0.1)


async def until_read(app: "DashboardApp") -> None:
    """Wait until the History mode has read all days: its picture doesn't change any more."""
    async with asyncio.timeout(PATIENCE_S):
        before, now = "", app.export_screenshot()
        while before != now or NOTHING_READ in now:
            await asyncio.sleep(FRAME_S)
            before, now = now, app.export_screenshot()


def plain(svg: str) -> str:
    """Return a screenshot without the addresses of its fonts: nothing is fetched to show it."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas")
    return re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)


def animated(frames: list[str]) -> str:
    """Return screenshots as one SVG that shows them in turn; it stands still where motion isn't wanted."""
    view_box = re.findall(r'viewBox="(.+?)"', frames[0])[0]
    width, height = view_box.split()[2:]
    share = 100 / len(frames)
    style = (
        f"@keyframes turn {{ 0% {{ visibility: visible }} {share:.3f}% {{ visibility: hidden }} }} "
        f".turn {{ visibility: hidden; animation: turn {len(frames) * FRAME_S:g}s step-end infinite }} "
        "@media (prefers-reduced-motion: reduce) { .turn { animation: none } .turn:last-child { visibility: visible } }"
    )
    groups = [
        f'<g class="turn" style="animation-delay: {number * FRAME_S:g}s">{frame}</g>'
        for number, frame in enumerate(frames)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="moving"><title id="moving">{MOVING_TITLE}</title><style>{style}</style>'
        + "".join(groups)
        + "</svg>\n"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"HOME": home, "XDG_DATA_HOME": f"{home}/data", "XDG_CONFIG_HOME": f"{home}/config"}
        asyncio.run(draw())
