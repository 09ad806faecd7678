"""The screen that guides through a calibration."""

import asyncio

from tui.conftest import Open, Stage
from unslouch.errors import Refused
from unslouch.tui.screens.calibrate import CalibrateScreen
from unslouch_device.contract import messages


def panel_text(stage: Stage) -> str:
    """All sentences of the calibration, as if the panel were wide."""
    return " ".join(" ".join(stage.text(f"#{part}") for part in ("guidance", "live", "result", "choices")).split())


async def test_c_guides_through_a_calibration(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c")
        assert isinstance(stage.app.screen, CalibrateScreen)
        assert "Sit upright and still" in panel_text(stage)
        assert "calibrate" not in stage.feed.commands
        await stage.press("enter")
        assert stage.feed.commands[-1] == "calibrate"
        assert "counts as upright now" in panel_text(stage)
        assert "bow forwards from the hips" in panel_text(stage)
        await stage.press("enter")
        assert stage.feed.commands[-1] == "bow"
        assert "which way is forward" in panel_text(stage)
        await stage.press("enter")
        assert not isinstance(stage.app.screen, CalibrateScreen)


async def test_far_from_upright_a_calibration_is_confirmed_first(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(34.0)
        await stage.press("c", "enter", "enter")  # as when a shell was meant
        assert "You are 34° from your present upright." in panel_text(stage)
        assert "y takes this posture, Esc cancels." in panel_text(stage)
        assert "calibrate" not in stage.feed.commands
        await stage.press("y")
        assert stage.feed.commands[-1] == "calibrate"


async def test_the_bow_can_be_skipped_and_standing_can_follow(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "n")
        assert "counts as upright now" not in panel_text(stage), "upright can't be skipped"
        await stage.press("enter")
        await stage.press("n")
        assert "bow" not in stage.feed.commands
        assert "Upright counts all the same" in panel_text(stage)
        await stage.press("t")
        assert "Stand upright and still" in panel_text(stage)
        await stage.press("enter")
        assert stage.feed.commands[-1] == "stand"
        assert "your standing zero now" in panel_text(stage)
        await stage.press("enter")
        assert not isinstance(stage.app.screen, CalibrateScreen)


async def test_a_bow_that_was_refused_can_be_repeated_or_left(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "enter")
        stage.feed.error = Refused("The bow went sideways; bow straight ahead.", messages.BOW_NOT_STRAIGHT)
        await stage.press("enter")
        assert "bow straight ahead" in panel_text(stage)
        assert "Upright counts all the same" in panel_text(stage)
        stage.feed.error = None
        await stage.press("enter")
        assert "which way is forward" in panel_text(stage)


async def test_the_deepest_of_a_bow_is_kept_while_it_lasts(dashboard: Open) -> None:
    async with dashboard() as stage:
        going = asyncio.Event()

        async def bow() -> int:
            await going.wait()
            return 3

        stage.feed.bow = bow  # type: ignore[method-assign]
        await stage.press("c", "enter")
        screen = stage.app.screen
        assert isinstance(screen, CalibrateScreen)
        stage.feed.live(28.0, 0.0)
        screen.panel.draw()
        assert "You are 28° off upright" in panel_text(stage), "it hasn't begun"
        stage.feed.live(3.0, 0.0)
        await stage.pilot.press("enter")
        for forward_deg in (3.0, 14.0, 23.0, 6.0):
            stage.feed.live(forward_deg, 0.0)
            screen.panel.draw()
        await stage.pilot.pause()
        assert "Bow 6°, deepest so far 23° (deep enough, come up" in panel_text(stage)
        going.set()
        await stage.settle()
        assert "which way is forward" in panel_text(stage)


async def test_standing_can_be_taken_without_calibrating_anew(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("c", "t")
        assert "Stand upright and still" in panel_text(stage)
        await stage.press("enter")
        assert stage.feed.commands[-1] == "stand"
        assert "calibrate" not in stage.feed.commands


async def test_a_calibration_that_failed_can_be_tried_again(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.error = Refused("You moved; keep still and repeat.", messages.MOVED)
        await stage.press("c", "enter")
        assert "You moved; keep still and repeat." in panel_text(stage)
        stage.feed.error = None
        await stage.press("enter")
        assert "counts as upright now" in panel_text(stage)
        await stage.press("escape")
        assert not isinstance(stage.app.screen, CalibrateScreen)
