"""The keys that change the sensor, for every mode that offers them."""

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import BindingType

from unslouch.link.model import Profile
from unslouch.tui.bindings import binding

from .mode_screen import ModeScreen

NEED_LINK = ("calibrate", "rezero", "undo", "buzz", "snooze", "profiles")
"""Actions that need a linked sensor."""


class SensorCommands(ModeScreen):
    """Calibrate, re-zero, buzz, snooze, and choose a profile; offered while the sensor is linked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding("sensor", "c", "calibrate", "Calibrate", "Show the sensor how you sit upright, bow and stand."),
        binding("sensor", "z", "rezero", "Re-zero", "Move upright to the posture you sit in now, keeping the axes."),
        binding("sensor", "Z", "undo", "Undo", "Take back the last calibration or re-zero, within a minute."),
        binding("sensor", "b", "buzz", "Buzz", "Make the sensor vibrate once.", show=False),
        binding("sensor", "s", "snooze", "Snooze", "Keep the motor quiet for a while, or end that."),
        binding("sensor", "m", "meeting", "Meeting", "Keep the motor quiet for a meeting, or end that.", show=False),
        binding("sensor", "f", "profiles", "Profile", "Choose or rename a profile, such as one for each chair."),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the keys that need the sensor only while it is linked."""
        return action not in NEED_LINK or not self.shared.sensor.is_paused

    def is_timely(self, action: str) -> bool:
        """Name the key that takes a calibration back only while there is one to take back."""
        return (action != "undo" or self.shared.sensor.may_undo) and super().is_timely(action)

    def key_state(self) -> Hashable:
        return super().key_state(), self.shared.sensor.may_undo

    def action_calibrate(self) -> None:
        """Open the calibration."""
        from .calibrate import CalibrateScreen

        self.app.push_screen(CalibrateScreen(self.shared.feed, lambda: self.shared.sensor.live))

    def action_profiles(self) -> None:
        """Open the profiles; if the wearer selects one without a calibration, say how to calibrate."""
        from .profiles import ProfilesScreen

        def chosen(profile: Profile | None) -> None:
            self.shared.set_up.forget()  # names may have changed
            if profile is not None and not profile.calibration_id:
                self.notify(f"{profile.title} has no calibration yet: press c.", markup=False)

        self.app.push_screen(ProfilesScreen(self.shared.feed), chosen)

    def action_rezero(self) -> None:
        """Take the present posture as upright without a new calibration; ask first far from upright."""
        from unslouch.sensor.calibration import question_before_change

        question = question_before_change(self.shared.sensor.live)
        if not question:
            self._rezero(True)
            return
        from .confirm import ConfirmScreen

        self.app.push_screen(ConfirmScreen("Re-zero", question, "y takes this posture, Esc cancels."), self._rezero)

    def _rezero(self, agreed: bool | None) -> None:
        async def rezero() -> str:
            await self.shared.feed.client.rezero()
            return "Z takes it back for a minute."  # the sensor's event announces the rest

        if agreed:
            self.run_command(rezero)

    def action_undo(self) -> None:
        """Take back the last calibration or re-zero."""

        async def undo() -> str:
            await self.shared.feed.client.undo()
            return ""  # the sensor's event announces it

        self.run_command(undo)

    def action_buzz(self) -> None:
        """Make the motor vibrate once."""

        async def buzz() -> str:
            await self.shared.feed.client.buzz()
            return "The sensor vibrates."

        self.run_command(buzz)

    def action_meeting(self) -> None:
        """Begin a meeting, which is quiet, or end it."""
        minutes = self.shared.config.meeting.minutes
        if self.shared.quiet.toggle_meeting(minutes):
            self.notify(f"Meeting: no vibration for {minutes} min; m ends it.", markup=False)
        else:
            self.notify("The meeting has ended.", markup=False)

    def action_snooze(self) -> None:
        """Snooze as long as the setting says, or end a snooze."""
        live = self.shared.sensor.live
        minutes = 0 if live is not None and live.snoozed else None

        async def snooze() -> str:
            snoozed_min = await self.shared.feed.client.snooze(minutes)
            return f"No vibration for {snoozed_min} min." if snoozed_min else "The snooze has ended."

        self.run_command(snooze)
