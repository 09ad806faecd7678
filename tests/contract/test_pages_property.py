"""Pages, epochs and events come back as they were, or are refused."""

from hypothesis import assume, given
from hypothesis import strategies as st

from unslouch_device.contract import records as r
from unslouch_device.contract.pages import RECORDS_PER_PAGE, Page, PageError, pack_page, unpack_page

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
CDEG = st.integers(-18000, 18000)
RECORDS = st.lists(st.binary(min_size=12, max_size=12), min_size=1, max_size=RECORDS_PER_PAGE)
PAGES = st.builds(
    Page,
    journal=U32,
    boot=U16,
    first_sequence=U32,
    base_uptime_ms=st.integers(0, 2**48 - 1),
    settings_revision=U16,
    calibration_id=U16,
    records=RECORDS.map(b"".join),
)
INTEGERS = {"B": (0, 255), "b": (-128, 127), "H": (0, 65535), "h": (-32768, 32767), "I": (0, 2**32 - 1)}
INTEGERS["i"] = (-(2**31), 2**31 - 1)


@st.composite
def events(draw: st.DrawFn) -> tuple[int, int, tuple[int, ...]]:
    code = draw(st.sampled_from(sorted(r.EVENTS)))
    fields = tuple(draw(st.integers(*INTEGERS[letter])) for letter in r.EVENTS[code][1][1:])
    return code, draw(st.integers(0, 2**48 - 1)), fields


@given(PAGES)
def test_a_page_comes_back(page: Page) -> None:
    assert vars(unpack_page(pack_page(page))) == vars(page)


@given(PAGES, st.data())
def test_a_page_with_flipped_bits_is_refused(page: Page, data: st.DataObject) -> None:
    damaged = bytearray(pack_page(page))
    places = st.integers(0, 8 * len(damaged) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=3, unique=True)):
        damaged[place // 8] ^= 1 << place % 8
    assert refused(bytes(damaged))


@given(PAGES, st.data())
def test_a_page_that_is_cut_or_followed_by_something_is_refused(page: Page, data: st.DataObject) -> None:
    whole = pack_page(page)
    assert refused(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert refused(whole + data.draw(st.binary(min_size=1, max_size=300)))


@given(st.binary(max_size=300))
def test_anything_is_either_a_page_or_refused(data: bytes) -> None:
    if not refused(data):
        assert pack_page(unpack_page(data)) == data


@given(events())
def test_an_event_comes_back(event: tuple[int, int, tuple[int, ...]]) -> None:
    code, uptime_ms, fields = event
    record = r.pack_event(code, uptime_ms, *fields)
    assert r.is_event(record)
    assert r.unpack_event(record) == (code, uptime_ms & 0xFFFFFFFF, fields)


@given(CDEG, st.lists(st.integers(-15000, 15000), min_size=5, max_size=5), st.integers(0, 100_000))
def test_an_epoch_comes_back_to_half_a_step(forward: int, differences: list[int], speed: int) -> None:
    buffer = bytearray(r.RECORD_BYTES)
    seconds = [forward + difference for difference in differences]
    r.pack_epoch_into(buffer, 9, 1, 0, forward, -forward // 2, seconds, speed)
    back = r.EpochRecord(bytes(buffer))
    assert (back.state, back.activity, back.forward_cdeg, back.lateral_cdeg) == (9, 1, forward, -forward // 2)
    step = r.SECOND_COARSE_CDEG if back.flags & r.EPOCH_COARSE else r.SECOND_FINE_CDEG
    assert all(abs(a - b) <= step / 2 + 1 for a, b in zip(seconds, back.second_cdeg, strict=True))
    assert abs(back.speed_cdeg_s - min(speed, 255 * r.SPEED_UNIT_CDEG_S)) <= r.SPEED_UNIT_CDEG_S / 2
    if max(map(abs, differences)) <= 127 * r.SECOND_FINE_CDEG:
        assert not back.flags & r.EPOCH_COARSE


@given(st.integers(0, 2**48 - 1), st.integers(-(2**31) + 1, 2**31 - 1))
def test_uptime_is_put_together_from_its_lower_half(base_ms: int, difference_ms: int) -> None:
    uptime_ms = base_ms + difference_ms
    assume(uptime_ms >= 0)
    assert r.full_uptime_ms(uptime_ms & 0xFFFFFFFF, base_ms) == uptime_ms


def refused(data: bytes) -> bool:
    try:
        unpack_page(data)
    except PageError:
        return True
    return False
