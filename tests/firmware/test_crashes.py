"""What ended the app is kept in flash: reported once, counted in a row, its traceback bounded."""

from flash import Folder
from unslouch_device.contract import records as r
from unslouch_device.crashes import TEXT_BYTES, Crashes, kind_of


def error_of(deep=0):
    try:
        return fail(deep)
    except ValueError as error:
        return error


def fail(deep):
    if deep:
        return fail(deep - 1)
    raise ValueError("no such posture")


def test_a_crash_is_told_once_by_the_boot_after_it():
    with Folder() as folder:
        Crashes(folder).keep(error_of(), r.TASK_LINK)
        kind, task, in_a_row, checksum = Crashes(folder).take_unreported()
        assert (kind, task, in_a_row) == (r.CRASH_VALUE, r.TASK_LINK, 1)
        assert checksum
        assert Crashes(folder).take_unreported() is None


def test_its_traceback_names_the_place_and_the_reason_and_stays_until_the_next():
    with Folder() as folder:
        crashes = Crashes(folder)
        crashes.keep(error_of(), r.TASK_LINK)
        crashes.clear()
        text = Crashes(folder).text
        assert b"test_crashes" in text
        assert b"no such posture" in text


def test_a_long_traceback_keeps_its_end():
    with Folder() as folder:
        Crashes(folder).keep(error_of(40), r.TASK_LINK)
        text = Crashes(folder).text
        assert len(text) <= TEXT_BYTES
        assert b"no such posture" in text


def test_crashes_are_counted_until_a_good_run():
    with Folder() as folder:
        for count in (1, 2, 3):
            crashes = Crashes(folder)
            crashes.keep(error_of(), r.TASK_SAMPLER)
            assert Crashes(folder).count() == count
        Crashes(folder).clear()
        assert Crashes(folder).count() == 0


def test_the_watchdog_is_to_blame_only_where_nothing_else_is_known():
    with Folder() as folder:
        crashes = Crashes(folder)
        crashes.keep_hung(r.TASK_BUTTON)
        crashes = Crashes(folder)
        crashes.keep_watchdog()
        assert crashes.take_unreported()[:3] == (r.CRASH_HUNG, r.TASK_BUTTON, 1)
        crashes.keep_watchdog()
        assert crashes.take_unreported()[:3] == (r.CRASH_WATCHDOG, r.TASK_UNKNOWN, 2)


def test_a_panic_is_kept_only_where_nothing_else_is_known():
    with Folder() as folder:
        crashes = Crashes(folder)
        crashes.keep(error_of(), r.TASK_LINK)
        crashes = Crashes(folder)
        crashes.keep_panic()
        assert crashes.take_unreported()[:3] == (r.CRASH_VALUE, r.TASK_LINK, 1)
        crashes.keep_panic()
        assert crashes.take_unreported()[:3] == (r.CRASH_PANIC, r.TASK_UNKNOWN, 2)


def test_flash_that_fails_costs_the_text_and_nothing_more():
    crashes = Crashes("/nowhere/at/all")
    crashes.keep(error_of(), r.TASK_LINK)
    assert crashes.count() == 1


def test_exceptions_are_told_apart_by_kind():
    expected = (
        (MemoryError(), r.CRASH_MEMORY),
        (OSError(5), r.CRASH_OS),
        (KeyError(1), r.CRASH_LOOKUP),
        (IndexError(), r.CRASH_LOOKUP),
        (AttributeError("x"), r.CRASH_NAME),
        (TypeError(), r.CRASH_TYPE),
        (RuntimeError(), r.CRASH_OTHER),
    )
    for error, kind in expected:
        assert kind_of(error) == kind, error
