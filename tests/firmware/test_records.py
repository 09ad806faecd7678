"""Records and pages: the bytes in flash, on the wire and in the host's store."""

from expect import raises
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import MAX_PAYLOAD_BYTES
from unslouch_device.contract.pages import MAX_PAGE_BYTES, RECORDS_PER_PAGE, Page, PageError, pack_page, unpack_page
from unslouch_device.contract.states import ACTIVITY_NAMES, ACTIVITY_STILL, SLOUCHING, STATE_NAMES, UPRIGHT

# Captured from version 1 of the page format: a change of it shows here.
EPOCH = "161002057dff0c04fffcf804"  # slouching, still, alerted, 12.82° forward, 1.31° left, five seconds, 1 °/s
EVENT = "8578563412d2040200000000"  # second alert of a slouch at 12.34°
PAGE = "55700102efbeadde0500e9030000785634120000070009008578563412d2040200000000161002057dff0c04fffcf804432a6e21"


def hexed(data):
    return "".join(["%02x" % byte for byte in data])


def epoch(forward_cdeg=1282, lateral_cdeg=-131, seconds=(1582, 1382, 1257, 1182, 1082), speed=100, flags=0):
    buffer = bytearray(r.RECORD_BYTES)
    r.pack_epoch_into(buffer, SLOUCHING, ACTIVITY_STILL, flags, forward_cdeg, lateral_cdeg, list(seconds), speed)
    return bytes(buffer)


def page(records, base_uptime_ms=0x12345678):
    return Page(0xDEADBEEF, 5, 1001, base_uptime_ms, 7, 9, records)


def test_an_epoch_has_the_captured_bytes():
    assert hexed(epoch(flags=r.EPOCH_ALERTED)) == EPOCH


def test_an_event_has_the_captured_bytes():
    assert hexed(r.pack_event(r.ALERT, 0x12345678, 1234, 2, 0)) == EVENT


def test_a_page_has_the_captured_bytes():
    records = r.pack_event(r.ALERT, 0x12345678, 1234, 2, 0) + epoch(flags=r.EPOCH_ALERTED)
    assert hexed(pack_page(page(records))) == PAGE


def test_an_epoch_comes_back():
    back = r.EpochRecord(epoch(flags=r.EPOCH_SNOOZED))
    assert (back.state, back.activity, back.flags) == (SLOUCHING, ACTIVITY_STILL, r.EPOCH_SNOOZED)
    assert (back.forward_cdeg, back.lateral_cdeg, back.speed_cdeg_s) == (1282, -131, 100)
    assert back.second_cdeg == (1582, 1382, 1257, 1182, 1082)


def test_seconds_near_the_mean_are_good_to_an_eighth_of_a_degree():
    for offset in range(-3175, 3176, 13):
        record = epoch(forward_cdeg=500, seconds=(500 + offset, 500, 500, 500, 500))
        unpacked = r.EpochRecord(record)
        assert not unpacked.flags & r.EPOCH_COARSE
        assert abs(unpacked.second_cdeg[0] - (500 + offset)) <= 13


def test_seconds_far_from_the_mean_take_coarse_steps_and_say_so():
    for offset in (-15000, -3176, 3176, 15000):
        unpacked = r.EpochRecord(epoch(forward_cdeg=500, seconds=(500 + offset, 500, 700, 500, 500)))
        assert unpacked.flags & r.EPOCH_COARSE
        assert abs(unpacked.second_cdeg[0] - (500 + offset)) <= 75
        assert abs(unpacked.second_cdeg[2] - 700) <= 75


def test_seconds_beyond_every_step_saturate():
    unpacked = r.EpochRecord(epoch(forward_cdeg=-17000, seconds=(17999, -17000, -17000, -17000, -17000)))
    assert unpacked.second_cdeg[0] == -17000 + 127 * r.SECOND_COARSE_CDEG


def test_speed_saturates():
    assert r.EpochRecord(epoch(speed=6375)).speed_cdeg_s == 6375
    assert r.EpochRecord(epoch(speed=50000)).speed_cdeg_s == 6375


def test_an_uncalibrated_epoch_has_no_tilt_in_any_of_its_seconds():
    unpacked = r.EpochRecord(epoch(forward_cdeg=r.TILT_UNKNOWN, lateral_cdeg=r.TILT_UNKNOWN))
    assert unpacked.forward_cdeg == unpacked.lateral_cdeg == r.TILT_UNKNOWN
    assert unpacked.second_cdeg == (r.TILT_UNKNOWN,) * 5


def test_states_and_activities_fit_their_four_bits_and_never_look_like_an_event():
    assert len(STATE_NAMES) <= 16
    assert len(ACTIVITY_NAMES) <= 8
    assert not r.is_event(epoch())
    buffer = bytearray(r.RECORD_BYTES)
    r.pack_epoch_into(buffer, UPRIGHT, len(ACTIVITY_NAMES) - 1, 0, 0, 0, [0] * 5, 0)
    assert not r.is_event(buffer)


def test_every_event_comes_back_with_its_least_and_greatest_fields():
    ranges = {"B": (0, 255), "b": (-128, 127), "H": (0, 65535), "h": (-32768, 32767)}
    ranges.update({"I": (0, 0xFFFFFFFF), "i": (-0x80000000, 0x7FFFFFFF)})
    for code, (_, layout, names) in r.EVENTS.items():
        assert len(names) == len(layout) - 1
        for which in (0, 1):
            fields = tuple([ranges[letter][which] for letter in layout[1:]])
            record = r.pack_event(code, 0x1_2345_6789, *fields)
            assert len(record) == r.RECORD_BYTES
            assert r.is_event(record)
            assert r.unpack_event(record) == (code, 0x23456789, fields)


def test_an_event_of_a_later_version_is_read_without_its_fields():
    record = bytes([r.EVENT_MARK | 0x7F, 1, 0, 0, 0]) + bytes(7)
    assert r.unpack_event(record) == (0x7F, 1, ())


def test_event_names_differ():
    names = [name for name, _, _ in r.EVENTS.values()]
    assert len(set(names)) == len(names)


def test_uptime_is_put_together_across_the_wrap_of_its_lower_half_both_ways():
    wrap = 1 << 32
    assert r.full_uptime_ms(100, wrap - 50) == wrap + 100
    assert r.full_uptime_ms(wrap - 50, wrap + 100) == wrap - 50
    assert r.full_uptime_ms(0xFFFFFFCE, 3 * wrap + 100) == 3 * wrap - 50
    assert r.full_uptime_ms(7, 3 * wrap - 1) == 3 * wrap + 7
    assert r.full_uptime_ms(1234, 1234) == 1234


def test_uptime_is_never_below_zero():
    assert r.full_uptime_ms(0xFFFFFFF0, 100) == 0xFFFFFFF0
    assert r.full_uptime_ms(0, 100) == 0


def test_a_page_comes_back():
    records = epoch() * 3
    back = unpack_page(pack_page(page(records, base_uptime_ms=0xABCD_1234_5678)))
    assert (back.journal, back.boot, back.first_sequence, back.next_sequence) == (0xDEADBEEF, 5, 1001, 1004)
    assert (back.base_uptime_ms, back.settings_revision, back.calibration_id) == (0xABCD_1234_5678, 7, 9)
    assert back.records == records


def test_a_full_page_fits_one_frame():
    full = pack_page(page(epoch() * RECORDS_PER_PAGE))
    assert len(full) == MAX_PAGE_BYTES <= MAX_PAYLOAD_BYTES
    assert MAX_PAGE_BYTES + r.RECORD_BYTES > MAX_PAYLOAD_BYTES  # and not one record less than could be


def test_a_page_with_any_bit_flipped_is_refused():
    data = pack_page(page(epoch()))
    for at in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[at] ^= 1 << bit
            with raises(PageError):
                unpack_page(bytes(damaged))


def test_a_page_cut_anywhere_or_with_something_behind_it_is_refused():
    data = pack_page(page(epoch()))
    for length in range(len(data)):
        with raises(PageError):
            unpack_page(data[:length])
    with raises(PageError):
        unpack_page(data + b"\0")


def test_a_page_of_an_unknown_version_is_refused_by_name():
    data = bytearray(pack_page(page(epoch())))
    data[2] = 9
    with raises(PageError) as caught:
        unpack_page(bytes(data))
    assert "version 9" in str(caught.error)
