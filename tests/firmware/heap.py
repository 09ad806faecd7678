"""What a piece of code takes from MicroPython's heap."""

import gc

from expect import skip

try:
    import micropython
except ImportError:
    micropython = None


def only_micropython():
    """Skip this test where there is no MicroPython heap to look at."""
    if micropython is None or not hasattr(gc, "mem_alloc"):
        skip("CPython's heap says nothing about the board's")


def run_without_heap(work):
    """Call work() with the heap locked: whatever it would allocate is a MemoryError."""
    micropython.heap_lock()
    try:
        work()
    finally:
        micropython.heap_unlock()


def bytes_kept(work):
    """Return by how much work() makes the heap grow while nothing is collected."""
    gc.collect()
    gc.disable()
    try:
        before = gc.mem_alloc()
        work()
        return gc.mem_alloc() - before
    finally:
        gc.enable()


def has_small_ints_like_the_board():
    """Tell whether an int beyond 31 bits is an object on the heap here, as on the board."""
    import sys

    return sys.maxsize == 0x7FFFFFFF
