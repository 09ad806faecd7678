"""Board test: the data of the reply to BOARD_TEST, and what can be found out about a part."""

import struct

from .payloads import Payload

BOARD_TEST_FORMAT = "<BBHBBB"

TEST_FAILED = 0  # what BOARD_TEST finds out about a part
TEST_PASSED = 1
TEST_IMPOSSIBLE = 2  # there is no such part, or nothing that could tell
TEST_SILENT = 3  # the part doesn't answer


def pack_board_test(motor: int, external: int, battery_mV: int, radio: int, flash: int, heap: int) -> bytes:
    """Return the data of BOARD_TEST's reply."""
    return struct.pack(BOARD_TEST_FORMAT, motor, external, battery_mV, radio, flash, heap)


class BoardTestReply(Payload):
    """The data of BOARD_TEST's reply: what a sensor finds out about the parts around its motion sensor."""

    FORMAT = BOARD_TEST_FORMAT
    motor: int  # TEST_…; impossible: it hangs on a pin, and only the wearer can feel it
    external: int  # 1: the pin that senses external power says there is some, 0: there is none; TEST_IMPOSSIBLE: no pin
    battery_mV: int  # as the divider gives it
    radio: int  # TEST_…, whether it could be switched on
    flash: int  # TEST_…, whether a file that was written could be read back
    heap: int  # TEST_…, whether 2 KiB were free in one piece
