"""What a program can judge by itself: for some items the command to run, and whether its output passes."""

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Automatic:
    """A command without `unslouch`, and the judge of its exit code and output: None is a pass, else what is wrong."""

    command: tuple[str, ...]
    judge: Callable[[int, str], str | None]


def _answers(code: int, output: str) -> str | None:
    return None if code == 0 else "the sensor doesn't answer"


def _self_test(code: int, output: str) -> str | None:
    failed = [line.rsplit(maxsplit=1)[0] for line in output.splitlines() if line.endswith("failed")]
    if code == 0 and not failed:
        return None
    return f"failed: {', '.join(failed)}" if failed else "the self-test could not be run"


def _figure(name: str, most: float, meaning: str) -> Callable[[int, str], str | None]:
    def judge(code: int, output: str) -> str | None:
        try:
            value = json.loads(output)[name]
        except (ValueError, KeyError):
            return "the sensor gives no figures"
        return None if value <= most else f"{meaning}: {value}, at most {most:g} is right"

    return judge


def _no_watchdog(code: int, output: str) -> str | None:
    try:
        cause = json.loads(output)["boot_cause"]
    except (ValueError, KeyError):
        return "the sensor gives no figures"
    return "the watchdog reset it" if cause == "watchdog" else None


FIGURES = ("diagnostics", "--json")
AUTOMATIC = {
    "first-flash": Automatic(("status",), _answers),
    "imu-self-test": Automatic(("diagnostics", "--self-test"), _self_test),
    "imu-bus": Automatic(FIGURES, _figure("bus_errors", 0, "errors on the bus")),
    "usb-stdout": Automatic(FIGURES, _figure("late_ms", 500, "the loop was late by so many ms")),
    "flash-times": Automatic(FIGURES, _figure("late_ms", 4900, "the loop was late by so many ms")),
    "light-sleep-watchdog": Automatic(FIGURES, _no_watchdog),
}
"""By the item's id. Each is judged after the wearer has done what the item says."""
