"""What the keys of the main screen do, and when they are offered."""

import pytest
from textual.widgets._footer import FooterKey

from tui.conftest import Open
from unslouch.errors import Refused
from unslouch.link.model import LinkState
from unslouch.sensor.calibration import off_upright_deg
from unslouch.sensor.events import LinkChanged
from unslouch.tui.screens.confirm import ConfirmScreen
from unslouch.tui.widgets.key_footer import KeyFooter
from unslouch_device.contract import messages, records


async def test_keys_are_offered_only_where_no_dialog_has_them(dashboard: Open) -> None:
    async with dashboard(size=(100, 40)) as stage:
        await stage.until(lambda: "Re-zero" in stage.screen_text())
        await stage.press("c")
        await stage.until(lambda: "Re-zero" not in stage.screen_text())
        await stage.press("escape")
        await stage.until(lambda: "Re-zero" in stage.screen_text())


@pytest.mark.parametrize(
    ("key", "command", "shown"),
    [
        ("z", "rezero", "Calibrated: re-zeroed to where you sit now."),
        ("Z", "undo", "Calibration undone: the one before it counts again."),
        ("b", "buzz", "vibrates"),
        ("s", "snooze None", "No vibration for 15 min."),
        ("e", "export", "Wrote unslouch-2026-03-02.csv."),
    ],
)
async def test_a_key_asks_the_sensor_and_shows_the_result(dashboard: Open, key: str, command: str, shown: str) -> None:
    async with dashboard() as stage:
        await stage.press(key)
        assert stage.feed.commands[-1] == command
        assert shown in stage.notified


@pytest.mark.parametrize("key", ["z", "Z", "b", "s", "e"])
async def test_a_refusal_of_the_sensor_shows_its_sentence(dashboard: Open, key: str) -> None:
    async with dashboard() as stage:
        stage.feed.error = Refused("The sensor isn't worn [sic].", messages.NOT_WORN)
        await stage.press(key)
        assert "The sensor isn't worn [sic]." in stage.notified


async def test_an_export_contains_what_the_sensor_has_recorded_until_now(dashboard: Open) -> None:
    async with dashboard() as stage:
        await stage.press("e")
        assert stage.feed.commands[-2:] == ["flush", "export"]


async def test_s_ends_a_snooze(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(3.0, snoozed=True)
        await stage.press("s")
        assert stage.feed.commands[-1] == "snooze 0"
        assert "The snooze has ended." in stage.notified


@pytest.mark.parametrize(("forward_deg", "lateral_deg"), [(10.4, 0.0), (-25.0, 3.0), (8.0, 8.0)])
async def test_z_asks_first_when_the_wearer_is_far_from_upright(
    dashboard: Open, forward_deg: float, lateral_deg: float
) -> None:
    async with dashboard() as stage:
        stage.feed.live(forward_deg, lateral_deg)
        await stage.press("z")
        assert isinstance(stage.app.screen, ConfirmScreen)
        assert (
            f"You are {off_upright_deg(stage.app.shared.sensor.live):.0f}° from your present upright"
            in stage.screen_text()
        )
        assert "rezero" not in stage.feed.commands
        await stage.press("y")
        assert stage.feed.commands[-1] == "rezero"


@pytest.mark.parametrize("answer", ["escape", "n"])
async def test_a_rezero_far_from_upright_can_be_cancelled(dashboard: Open, answer: str) -> None:
    async with dashboard() as stage:
        stage.feed.live(37.0)
        await stage.press("z", answer)
        assert not isinstance(stage.app.screen, ConfirmScreen)
        assert "rezero" not in stage.feed.commands


async def test_a_line_typed_for_a_shell_does_not_rezero_a_sensor_that_lies_on_its_side(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.live(88.0, 4.0)
        await stage.press(*"z dsdr -a", "enter", *"z..", "enter")
        assert "rezero" not in stage.feed.commands


@pytest.mark.parametrize("forward_deg", [9.9, None])
async def test_z_asks_nothing_near_upright_or_without_a_tilt(dashboard: Open, forward_deg: float | None) -> None:
    async with dashboard() as stage:
        stage.feed.live(forward_deg, forward_deg and 0.0)
        await stage.press("z")
        assert stage.feed.commands[-1] == "rezero"


async def test_keys_that_need_the_sensor_are_offered_only_while_it_is_linked(dashboard: Open) -> None:
    async with dashboard() as stage:
        for linked in (True, False):
            if not linked:
                stage.feed.publish(LinkChanged(LinkState.WAITING, "It is gone."))
                await stage.frame()
            offered = {binding.binding.key for binding in stage.app.screen.active_bindings.values()}
            assert ({"c", "z", "s", "f"} <= offered) is linked
            assert {"e", "q"} <= offered


async def test_r_wakes_a_resting_sensor(dashboard: Open) -> None:
    async with dashboard() as stage:
        stage.feed.publish(LinkChanged(LinkState.RESTING, "The sensor rests."))
        await stage.frame()
        await stage.press("r")
        assert stage.feed.commands[-1] == "retry"


@pytest.mark.parametrize("mode", ["1", "2", "3", "4", "5"])
async def test_the_keys_of_help_and_quitting_fit_the_footer_of_every_mode_at_every_width(
    dashboard: Open, mode: str
) -> None:
    async with dashboard((200, 30)) as stage:
        await stage.press(mode)
        for columns in (76, 80, 90, 100, 120, 200):
            await stage.pilot.resize_terminal(columns, 30)
            await stage.until(lambda: "? Help q Quit" in stage.screen_text().splitlines()[-1])


async def test_a_key_at_the_end_of_the_footer_can_be_clicked(dashboard: Open) -> None:
    async with dashboard((76, 24)) as stage:
        footer = stage.screen_text().splitlines()[-1]
        await stage.pilot.click(offset=(footer.index("? Help"), 23))
        await stage.until(lambda: stage.app.screen is not stage.app.mode_screen)


@pytest.mark.parametrize("width", range(76, 132, 5))
async def test_no_key_of_the_footer_is_cut(dashboard: Open, width: int) -> None:
    async with dashboard(size=(width, 24)) as stage:
        stage.feed.happens(records.CALIBRATED, calibration_id=2, how=records.CALIBRATED_REZERO, profile=0)
        await stage.settle()
        footer = stage.app.screen.query_one(KeyFooter)
        shown = stage.screen_text().splitlines()[-1]
        for key in footer.query(FooterKey):
            assert f"{key.key_display} {key.description}" in shown
        assert "q Quit" in shown


async def test_the_footer_names_undo_for_as_long_as_the_sensor_takes_a_calibration_back(dashboard: Open) -> None:
    async with dashboard(size=(120, 40)) as stage:
        assert "Z Undo" not in stage.screen_text()
        await stage.press("z")
        assert "Z Undo" in stage.screen_text()
        stage.clock.now_s += messages.UNDO_S - 1
        await stage.settle()
        assert "Z Undo" in stage.screen_text()
        await stage.press("Z")
        await stage.until(lambda: "Z Undo" not in stage.screen_text())
        await stage.press("z")
        await stage.until(lambda: "Z Undo" in stage.screen_text())
        stage.clock.now_s += messages.UNDO_S + 1
        await stage.until(lambda: "Z Undo" not in stage.screen_text())
        await stage.press("Z")
        assert stage.feed.commands[-1] == "undo", "the key asks the sensor all the same"
