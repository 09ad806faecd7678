"""Choices as people write and read them: ranges of thresholds and delays, and sentences about outcomes."""

from unslouch.errors import BadInput
from unslouch_device.contract.settings import (
    ALERT_MODE,
    BUDGET_MODE,
    DELAY_MODE,
    DELAY_S,
    THRESHOLD_DEG,
    Setting,
    setting_by_id,
)

from .tuner import Choice, Outcome

THRESHOLDS = "8:20:2"
DELAYS = "10:60:10"
MODES = {"delay": DELAY_MODE, "budget": BUDGET_MODE}


def thresholds_deg(text: str) -> list[int]:
    """Return the thresholds that `8:20:2` or `12` means; raises BadInput."""
    return _values(THRESHOLD_DEG, text)


def delays_s(text: str) -> list[int]:
    """Return the delays that `10:60:10` or `30` means; raises BadInput."""
    return _values(DELAY_S, text)


def parse_choice(text: str) -> Choice:
    """Return the choice that `12:30` (threshold and delay) means; raises BadInput."""
    parts = text.split(":")
    try:
        threshold, delay = map(int, parts)
    except ValueError as error:
        raise BadInput(f"{text!r} is no threshold and delay: write them like 12:30.") from error
    thresholds_deg(parts[0])
    delays_s(parts[1])
    return Choice(threshold, delay)


def _values(id: int, text: str) -> list[int]:
    setting = _setting(id)
    example = DELAYS if id == DELAY_S else THRESHOLDS
    problem = (
        f"--{setting.key} can't be {text!r}: write FIRST:LAST:STEP or one value, like {example} or {setting.default}."
    )
    try:
        numbers = [int(part) for part in text.split(":")]
    except ValueError as error:
        raise BadInput(problem) from error
    if len(numbers) not in (1, 3) or (len(numbers) == 3 and numbers[2] < 1):
        raise BadInput(problem)
    values = numbers if len(numbers) == 1 else list(range(numbers[0], numbers[1] + 1, numbers[2]))
    if not values:
        raise BadInput(f"--{setting.key} can't be {text!r}: it begins above where it ends; swap FIRST and LAST.")
    if values[0] < setting.least or values[-1] > setting.greatest:
        raise BadInput(
            f"--{setting.key} can't be {text!r}: values are from {setting.least} to {setting.greatest} {setting.unit}."
        )
    return values


def _setting(id: int) -> Setting:
    setting = setting_by_id(id)
    assert setting is not None
    return setting


def setting_values(choice: Choice) -> list[tuple[str, int]]:
    """Return the (key, value) of every setting that makes a choice, in the order in which they are written."""
    by_id = {THRESHOLD_DEG: choice.threshold_deg, DELAY_S: choice.delay_s, ALERT_MODE: choice.mode}
    return [(_setting(id).key, value) for id, value in by_id.items()]


def describe_choice(choice: Choice) -> str:
    """Return a choice like `12°, 30 s`."""
    return f"{choice.threshold_deg}°, " + ("budget" if choice.mode == BUDGET_MODE else f"{choice.delay_s} s")


def describe(best: Outcome, present: Outcome, long_slouches: int) -> str:
    """Return what the best choice would have brought instead of the present one, in one line."""
    alerts = f"{best.alerts} alert{'' if best.alerts == 1 else 's'}"
    caught = f"{best.caught} of {long_slouches} slouch{'' if long_slouches == 1 else 'es'} ≥ 1 min caught"
    if best.choice == present.choice:
        return f"The present settings, {describe_choice(best.choice)}, are the best of these: {alerts}, {caught}."
    alerts += f" instead of {present.alerts}"
    return f"Best: {describe_choice(best.choice)}: {alerts}, {caught} (now {present.caught})."
