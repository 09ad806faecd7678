"""Pages become arrays that say what the contract's own functions say of each record."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journals import JournalBuilder, working_day
from unslouch.analysis.decode import decode
from unslouch_device.contract import records, states
from unslouch_device.contract.pages import RECORDS_PER_PAGE, Page, PageError, pack_page, unpack_page
from unslouch_device.contract.records import EpochRecord, is_event

a_record = st.one_of(
    st.binary(min_size=12, max_size=12),
    st.builds(lambda first, rest: bytes([first]) + rest, st.integers(0, 0x7F), st.binary(min_size=11, max_size=11)),
    st.builds(lambda code, rest: bytes([0x80 | code]) + rest, st.integers(0, 30), st.binary(min_size=11, max_size=11)),
)
a_page = st.builds(
    Page,
    journal=st.integers(0, 3),
    boot=st.integers(0, 3),
    first_sequence=st.integers(0, 2**32 - 20),
    base_uptime_ms=st.integers(0, 2**47),
    settings_revision=st.integers(0, 0xFFFF),
    calibration_id=st.integers(0, 0xFFFF),
    records=st.lists(a_record, min_size=1, max_size=RECORDS_PER_PAGE).map(b"".join),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(a_page, max_size=6))
def test_every_record_of_any_page_is_decoded_as_the_contract_reads_it(pages: list[Page]) -> None:
    decoded = decode([pack_page(page) for page in pages])
    epochs, events = [], []
    for page in pages:
        begin_ms = page.base_uptime_ms
        for n in range(len(page.records) // 12):
            record = page.records[n * 12 : n * 12 + 12]
            where = page.journal, page.boot, page.first_sequence + n
            if is_event(record):
                code, low_ms, _ = records.unpack_event(record)
                events.append((*where, records.full_uptime_ms(low_ms, page.base_uptime_ms), code))
            else:
                one = EpochRecord(record)
                known = one.state if one.state < 10 else 0, one.activity if one.activity < 5 else 0
                tilt = one.flags, one.forward_cdeg, one.lateral_cdeg, one.second_cdeg, one.speed_cdeg_s
                epochs.append((*where, begin_ms, *known, *tilt, page.settings_revision, page.calibration_id))
                begin_ms += records.EPOCH_MS
    columns = (
        decoded.journal,
        decoded.boot,
        decoded.sequence,
        decoded.uptime_ms,
        decoded.state,
        decoded.activity,
        decoded.flags,
        decoded.forward_cdeg,
        decoded.lateral_cdeg,
        decoded.second_cdeg,
        decoded.speed_cdeg_s,
        decoded.settings_revision,
        decoded.calibration_id,
    )
    rows = [
        tuple(tuple(value) if isinstance(value, list) else value for value in row)
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]
    assert sorted(rows) == sorted(epochs)
    assert sorted((e.journal, e.boot, e.sequence, e.uptime_ms, e.code) for e in decoded.events) == sorted(events)


def test_epochs_come_in_order_of_boot_and_uptime_whatever_the_order_of_pages() -> None:
    journal = working_day(JournalBuilder().start_boot(), hours=3)
    pages = working_day(journal.start_boot(), hours=2).pages()
    shuffled = random.Random(1).sample(pages, len(pages))
    one, other = decode(pages), decode(shuffled)
    assert one.sequence.tolist() == other.sequence.tolist() == sorted(one.sequence.tolist())
    assert one.events == other.events


def test_an_event_in_the_middle_of_a_page_does_not_move_the_epochs_after_it() -> None:
    journal = JournalBuilder().start_boot().epochs(states.UPRIGHT, 3)
    decoded = decode(journal.event(records.BUZZED).epochs(states.UPRIGHT, 2).pages())
    assert decoded.uptime_ms.tolist() == [0, 5000, 10_000, 15_000, 20_000]


def test_an_event_of_a_later_version_is_kept_without_fields() -> None:
    page = unpack_page(JournalBuilder().start_boot().pages()[0])
    page.records = bytes([0x80 | 77]) + bytes(11)
    (event,) = decode([pack_page(page)]).events
    assert (event.code, event.name, event.fields) == (77, "event 77", {})


def test_a_host_clock_and_an_onset_are_whole_again() -> None:
    journal = JournalBuilder().start_boot().wait(2**32 + 90_000)
    journal.clock(1_741_932_000_123, 8).off_body(60_000, noticed_after_ms=100_000)
    clock, taken_off = decode(journal.pages()).events[1:3]
    assert clock.fields == {"utc_ms": 1_741_932_000_123, "zone_quarter_h": 8}
    assert taken_off.uptime_ms == 2**32 + 90_000
    assert taken_off.fields == {"onset_uptime_ms": 2**32 - 10_000, "cue": 0}


def test_bytes_that_are_no_whole_pages_are_refused() -> None:
    page = JournalBuilder().start_boot().pages()[0]
    with pytest.raises(ValueError):
        decode([page, page[:-1]])
    with pytest.raises(PageError):
        unpack_page(page[:-1])
