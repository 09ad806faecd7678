"""Frames under any chunking, any noise and any damage."""

from hypothesis import given
from hypothesis import strategies as st

from unslouch_device.contract.frames import (
    MAX_FRAME_BYTES,
    MAX_PAYLOAD_BYTES,
    MAX_WIRE_BYTES,
    Deframer,
    FrameError,
    cobs_decode,
    cobs_encode,
    decode_frame,
    encode_frame,
    to_wire,
)

KINDS = st.integers(0, 255)
PAYLOADS = st.binary(max_size=MAX_PAYLOAD_BYTES)
FRAMES = st.tuples(KINDS, PAYLOADS)
NOISE = st.binary(max_size=600)


@st.composite
def chunked(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """Cut bytes into pieces at arbitrary places."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    return [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def feed_all(deframer: Deframer, chunks: list[bytes]) -> list[tuple[int, bytes]]:
    return [frame for chunk in chunks for frame in deframer.feed(chunk)]


@given(KINDS, PAYLOADS)
def test_a_frame_comes_back(kind: int, payload: bytes) -> None:
    assert decode_frame(encode_frame(kind, payload)) == (kind, payload)


@given(st.binary(max_size=MAX_FRAME_BYTES))
def test_cobs_comes_back_without_zeros_and_one_byte_longer(data: bytes) -> None:
    encoded = cobs_encode(data)
    assert cobs_decode(encoded) == data
    assert 0 not in encoded
    assert len(encoded) == len(data) + 1


@given(st.binary(max_size=300))
def test_anything_is_either_decoded_or_refused(data: bytes) -> None:
    for decode in (decode_frame, cobs_decode):
        try:
            decode(data)
        except FrameError:
            continue


@given(st.lists(FRAMES, max_size=6), st.data())
def test_frames_are_found_however_they_are_cut(frames: list[tuple[int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(to_wire(kind, payload) for kind, payload in frames)
    deframer = Deframer()
    assert feed_all(deframer, data.draw(chunked(stream))) == frames
    assert deframer.errors == 0


@given(st.lists(st.tuples(NOISE, FRAMES), max_size=5), st.data())
def test_no_noise_between_frames_costs_one(noisy: list[tuple[bytes, tuple[int, bytes]]], data: st.DataObject) -> None:
    stream = b"".join(noise + to_wire(*frame) for noise, frame in noisy)
    found = feed_all(Deframer(), data.draw(chunked(stream)))
    expected = [frame for _, frame in noisy]
    for frame in expected:  # noise may hold a frame of its own, but takes none away and never changes their order
        assert frame in found
        found = found[found.index(frame) + 1 :]


@given(FRAMES, st.data())
def test_a_frame_damaged_by_up_to_three_flipped_bits_is_never_accepted(
    frame: tuple[int, bytes], data: st.DataObject
) -> None:
    damaged = bytearray(encode_frame(*frame))
    places = st.integers(0, 8 * len(damaged) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=3, unique=True)):
        damaged[place // 8] ^= 1 << place % 8
    try:
        decode_frame(bytes(damaged))
    except FrameError:
        return
    raise AssertionError(f"{damaged.hex()} was taken for a frame")


@given(st.lists(NOISE, max_size=10))
def test_noise_alone_is_never_hoarded(chunks: list[bytes]) -> None:
    deframer = Deframer()
    for chunk in chunks:
        deframer.feed(chunk)
        assert len(deframer._partial) <= MAX_WIRE_BYTES
