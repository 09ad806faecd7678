"""A build whose memory won't do is refused, with the build to get."""

import pytest

from unslouch.flashing.errors import NotInstalled
from unslouch.flashing.memory import LEAST_HEAP_KIB, Memory, advice
from unslouch.flashing.targets import target_of

LITTLE = Memory(LEAST_HEAP_KIB * 1024 - 1, 200_000)
ENOUGH = Memory(LEAST_HEAP_KIB * 1024, 200_000)
PSRAM = Memory(8_000_000, 8 << 20)


@pytest.mark.parametrize(
    ("board", "builds"),
    [
        ("xiao_esp32s3", "SEEED_XIAO_ESP32S3 or, for an older MicroPython, ESP32_GENERIC_S3-SPIRAM_OCT"),
        ("m5stickc_plus2", "ESP32_GENERIC-SPIRAM"),
    ],
)
def test_a_build_without_psram_is_refused_and_the_right_one_named(board: str, builds: str) -> None:
    with pytest.raises(NotInstalled, match=f"get the build {builds} and repeat with --micropython FILE"):
        advice(LITTLE, target_of(board))


def test_a_board_that_has_no_psram_is_refused_in_words() -> None:
    with pytest.raises(NotInstalled, match="xiao_esp32c6 has no PSRAM"):
        advice(LITTLE, target_of("xiao_esp32c6"))


def test_a_board_of_the_user_s_own_is_refused_too() -> None:
    with pytest.raises(NotInstalled, match="Get a build that uses PSRAM"):
        advice(LITTLE, None)


@pytest.mark.parametrize("board", ["xiao_esp32s3", "xiao_esp32c6", None])
def test_over_bluetooth_the_same_memory_is_refused_and_the_cable_named(board: str | None) -> None:
    has, needs = f"has {LEAST_HEAP_KIB - 1} KiB", f"needs {LEAST_HEAP_KIB}\\b"
    with pytest.raises(NotInstalled, match=f"{has}.*{needs}.*[pP]lug (the sensor|it) in and run `unslouch flash"):
        advice(Memory(LITTLE.free_bytes, 0), target_of(board), over_air=True)
    assert advice(Memory(ENOUGH.free_bytes, 0), target_of(board), over_air=True) is None


def test_memory_that_suffices_is_accepted_with_a_hint_if_psram_lies_idle() -> None:
    assert "doesn't use the board's PSRAM" in (advice(ENOUGH, target_of("xiao_esp32s3")) or "")
    assert advice(ENOUGH, target_of("xiao_esp32c6")) is None
    assert advice(PSRAM, target_of("xiao_esp32s3")) is None
    assert advice(Memory(-1, 0), None) is None
