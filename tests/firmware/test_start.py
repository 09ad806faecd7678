"""What start.py asks of a real board's MicroPython."""

import sys

from expect import skip

# total, free, largest free block, least free so far
REGIONS = [(200_000, 60_000, 31_744, 50_000), (16_000, 1_440, 1_000, 900), (8_000, 0, 0, 0)]


class Esp32:
    """As much of `esp32` as start.idf_heap() needs."""

    HEAP_DATA = 4

    @staticmethod
    def idf_heap_info(capabilities):
        assert capabilities == Esp32.HEAP_DATA
        return REGIONS


def imported_start():
    """Return the module, imported with stand-ins for what only an ESP32 has."""
    before = {name: sys.modules.get(name) for name in ("bluetooth", "esp32", "machine")}
    sys.modules.update({"bluetooth": Esp32, "esp32": Esp32, "machine": Esp32})
    try:
        from unslouch_device import start
    except ImportError as error:
        skip(str(error))
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
        sys.modules.pop("unslouch_device.start", None)
    return start


def test_free_memory_is_the_sum_of_all_regions_and_the_largest_block_that_of_any():
    assert imported_start().idf_heap() == (61_440, 31_744)
