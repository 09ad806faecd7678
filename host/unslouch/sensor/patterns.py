"""The wearer's own pattern: a list of times on, off, on, … as people write it, checked before it goes to the sensor."""

from collections.abc import Sequence

from unslouch.errors import BadInput
from unslouch_device.contract.patterns import LONGEST_MS, LONGEST_TIME_MS, OWN_TIMES, TIME_UNIT_MS


def parse_times(text: str) -> tuple[int, ...]:
    """Return the times in ms of a text such as "300,150,300"; raises BadInput, which says what is wrong."""
    parts = text.replace(",", " ").split()
    try:
        times_ms = tuple(int(part) for part in parts)
    except ValueError as error:
        raise BadInput(
            f"{text!r} is no pattern; give the times in ms with commas between them: on, off, on, as in 300,150,300."
        ) from error
    check_times(times_ms)
    return times_ms


def check_times(times_ms: Sequence[int]) -> None:
    """Raise BadInput for times in ms that the sensor can't play."""
    if not 1 <= len(times_ms) <= OWN_TIMES:
        raise BadInput(f"A pattern has 1 to {OWN_TIMES} times, not {len(times_ms)}.")
    for time_ms in times_ms:
        if not TIME_UNIT_MS <= time_ms <= LONGEST_TIME_MS:
            raise BadInput(f"Each time of a pattern is {TIME_UNIT_MS} to {LONGEST_TIME_MS} ms, not {time_ms}.")
    if sum(times_ms) > LONGEST_MS:
        raise BadInput(f"A pattern lasts {LONGEST_MS / 1000:g} s at most, not {sum(times_ms) / 1000:g} s.")
