"""Modules that are loaded for one request: they come from flash anew, and nothing of them stays."""

import gc
import sys

from expect import raises, skip
from heap import only_micropython
from unslouch_device import on_demand
from unslouch_device.on_demand import load


def test_a_module_that_was_loaded_on_demand_is_kept_by_nobody_but_the_caller():
    first = load("attempt")
    assert first.wait
    assert "unslouch_device.on_demand.attempt" not in sys.modules
    assert not hasattr(on_demand, "attempt")
    assert load("attempt") is not first


def test_a_module_that_is_not_there_is_an_import_error_and_leaves_nothing():
    with raises(ImportError):
        load("nothing")
    assert "unslouch_device.on_demand.nothing" not in sys.modules


def test_the_memory_of_a_module_is_free_again_after_the_request():
    only_micropython()
    if sys.platform == "webassembly":
        skip("there, nothing is collected while Python runs")
    load("updating")  # its names stay
    gc.collect()
    before = gc.mem_alloc()
    module = load("updating")
    gc.collect()
    taken = gc.mem_alloc() - before
    del module
    gc.collect()
    assert taken > 1000
    assert gc.mem_alloc() - before < taken // 10
