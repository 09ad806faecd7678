"""NimBLE's message buffers: twelve blocks that all links share, and that strangers can use up.

MicroPython's extmod/nimble/syscfg/syscfg.h gives the numbers (MSYS_1_BLOCK_COUNT, BLE_HCI_ACL_OUT_COUNT).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

BLOCKS: Final = 12
PACKETS_IN_CONTROLLER: Final = 12
"""So many packets the controller takes; only what waits for it holds blocks."""
BLOCKS_PER_VALUE: Final = 2
"""A notification's value and its header are allocated apart (ble_hs_mbuf_from_flat() and ble_att_clt_tx_notify())."""


class Buffers:
    """Counts the blocks in use."""

    def __init__(self, packets_waiting: Callable[[], int]) -> None:
        """`packets_waiting` counts packets that were sent and not acknowledged, those in the controller included."""
        self._packets_waiting = packets_waiting
        self.prepared = 0
        """Blocks that hold prepared writes."""

    @property
    def free(self) -> int:
        """How many blocks can be allocated now."""
        waiting = max(0, self._packets_waiting() - PACKETS_IN_CONTROLLER)
        return max(0, BLOCKS - self.prepared - BLOCKS_PER_VALUE * waiting)
