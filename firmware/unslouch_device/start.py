"""Starts the app on a real board."""

import asyncio
import gc
import select
import sys
import time

import bluetooth
import esp32
import machine

from .contract.records import TASK_UNKNOWN

PARTS: tuple = ()  # modules to load one after the other, which `unslouch flash` fills in
DROP = ""  # a module on demand that drops the code that only the start needs, which `unslouch flash` makes
_FOLDER = "/unslouch"
_SLOT_FOLDER = "/"
_GARBAGE_BYTES = 4096  # are allocated between collections: a heap that is full before it is collected has more holes


def wake_on_high(*pins) -> None:
    """Let these pins and no others end sleep; the button has ext0 (MicroPython's ports/esp32/modesp32.c)."""
    esp32.wake_on_ext1(pins, esp32.WAKEUP_ANY_HIGH)


def idf_heap():
    """Return the free bytes of ESP-IDF's heaps, and the largest free block (MicroPython's docs/library/esp32.rst)."""
    regions = esp32.idf_heap_info(esp32.HEAP_DATA)
    return sum([each[1] for each in regions]), max([each[2] for each in regions])


def _load() -> None:
    """Load the code with as little memory as may be: what is large comes first, while the heap is in one piece."""
    from .filesystem import mount_anew

    gc.threshold(_GARBAGE_BYTES)
    mount_anew()
    for part in PARTS:
        gc.collect()
        __import__(part)
    gc.collect()


def start() -> None:
    """Run the app until a host asks for the REPL. What keeps it from starting is kept like any crash, and raised.

    After deep sleep it first asks whether the board has to wake at all.
    """
    if machine.reset_cause() == machine.DEEPSLEEP_RESET:
        from .deep_sleep import sleep_on

        sleep_on(machine, esp32, getattr(machine.RTC(), "memory", None), time.time())
        del sys.modules["unslouch_device.deep_sleep"]  # whose memory the app needs
    _load()
    import unslouch_board  # which `unslouch flash` puts beside the package: a board of boards/, or the wearer's own

    from .app import App
    from .crashes import Crashes
    from .link.stdio import StdioChannel

    try:
        app = App(
            unslouch_board,
            machine,
            time.ticks_ms,
            StdioChannel(asyncio.StreamReader(sys.stdin.buffer), sys.stdout.buffer, select.poll(), time.ticks_ms),
            _FOLDER,
            wake_on_high=wake_on_high,
            bluetooth=bluetooth,
            slot_folder=_SLOT_FOLDER,
            idf_heap=idf_heap,
            esp32=esp32,
            time_s=time.time,
        )
    except Exception as error:
        Crashes(_FOLDER).keep(error, TASK_UNKNOWN)
        raise
    _run(app)


def _run(app) -> None:
    """Run the app until it ends. What only the start needed is dropped before: the app needs its memory."""
    from .on_demand import load

    if DROP:
        load(DROP)
        gc.collect()
    try:
        asyncio.run(app.run())
    finally:
        asyncio.new_event_loop()  # what was cancelled must not meet the next start
        for part in PARTS:
            sys.modules.pop(part, None)  # the next start needs all of them again
