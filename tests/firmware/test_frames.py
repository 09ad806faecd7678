"""Frames: whole or not at all, whatever stands between them."""

from expect import raises
from unslouch_device.contract import frames
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

# A frame of kind 0x0B with the payload 01 00 03, captured from version 1 of the protocol.
PING_LIKE_FRAME = "0b01000390638e6e"
PING_LIKE_WIRE = "00030b01060390638e6e00"


def hexed(data):
    return "".join(["%02x" % byte for byte in data])


def wire(payload, kind=7):
    return to_wire(kind, payload)


def test_a_frame_has_the_captured_bytes():
    assert hexed(encode_frame(0x0B, b"\x01\x00\x03")) == PING_LIKE_FRAME
    assert hexed(to_wire(0x0B, b"\x01\x00\x03")) == PING_LIKE_WIRE


def test_frames_of_every_length_come_back():
    for length in range(MAX_PAYLOAD_BYTES + 1):
        for byte in (0, 1, 255):
            payload = bytes([byte]) * length
            assert Deframer().feed(wire(payload)) == [(7, payload)]
            assert len(wire(payload)) <= MAX_WIRE_BYTES + 2


def test_every_byte_value_comes_back():
    low, high = bytes(range(128)), bytes(range(128, 256))
    assert Deframer().feed(wire(low) + wire(high)) == [(7, low), (7, high)]


def test_zero_bytes_never_travel_inside_a_frame():
    assert 0 not in wire(bytes(range(200)))[1:-1]


def test_a_frame_that_comes_byte_by_byte_is_found():
    deframer = Deframer()
    found = []
    for byte in wire(b"slowly\0but surely"):
        found += deframer.feed(bytes([byte]))
    assert found == [(7, b"slowly\0but surely")]


def test_text_of_a_repl_before_a_frame_does_no_harm():
    deframer = Deframer()
    assert deframer.feed(b"MicroPython v1.25.0\r\n>>> " + wire(b"hello")) == [(7, b"hello")]


def test_garbage_between_frames_costs_none_of_them():
    deframer = Deframer()
    stream = wire(b"one") + b"\xff\x07garbage\x00\x00\x05ab\x00" + wire(b"two") + b"\x01" * 1000 + wire(b"three")
    assert deframer.feed(stream) == [(7, b"one"), (7, b"two"), (7, b"three")]
    assert deframer.errors == 3


def test_a_truncated_frame_is_dropped_and_the_next_one_found():
    whole = wire(b"cut short")
    for cut in range(2, len(whole) - 1):
        deframer = Deframer()
        assert deframer.feed(whole[:cut] + wire(b"next")) == [(7, b"next")]
        assert deframer.errors == 1


def test_a_frame_with_any_bit_flipped_is_dropped():
    frame = encode_frame(7, b"flip me")
    for at in range(len(frame)):
        for bit in range(8):
            damaged = bytearray(frame)
            damaged[at] ^= 1 << bit
            with raises(FrameError):
                decode_frame(bytes(damaged))


def test_a_wrong_crc_is_counted():
    deframer = Deframer()
    damaged = bytearray(encode_frame(7, b"flip me"))
    damaged[2] ^= 1
    assert deframer.feed(b"\0" + cobs_encode(damaged) + b"\0") == []
    assert deframer.errors == 1


def test_a_frame_shorter_than_a_crc_is_refused():
    for length in range(5):
        with raises(FrameError):
            decode_frame(bytes(length))


def test_an_oversized_payload_is_refused_before_it_is_sent():
    with raises(FrameError):
        encode_frame(7, bytes(MAX_PAYLOAD_BYTES + 1))


def test_an_oversized_frame_is_dropped_even_if_its_crc_is_right():
    body = bytes([7]) + b"x" * (MAX_PAYLOAD_BYTES + 1)
    oversized = body + frames.struct.pack("<I", frames.crc32(body))
    with raises(FrameError):
        decode_frame(oversized)
    deframer = Deframer()
    assert deframer.feed(b"\0" + cobs_encode(oversized) + b"\0" + wire(b"next")) == [(7, b"next")]
    assert deframer.errors == 1


def test_an_endless_stream_without_a_frame_is_not_hoarded():
    deframer = Deframer()
    for _ in range(200):
        deframer.feed(b"\x55" * 100)
        assert len(deframer._partial) <= MAX_WIRE_BYTES
    assert deframer.feed(b"\0" + wire(b"still here")) == [(7, b"still here")]


def test_the_longest_frame_fits_a_ble_value_and_one_cobs_block():
    assert len(encode_frame(7, bytes(MAX_PAYLOAD_BYTES))) == MAX_FRAME_BYTES == 244
    assert len(cobs_encode(b"\x01" * MAX_FRAME_BYTES)) == MAX_WIRE_BYTES < 255


def test_cobs_is_the_published_one():
    # The examples of Cheshire & Baker's paper that need no second block.
    assert cobs_encode(b"\x00") == b"\x01\x01"
    assert cobs_encode(b"\x00\x00") == b"\x01\x01\x01"
    assert cobs_encode(b"\x11\x22\x00\x33") == b"\x03\x11\x22\x02\x33"
    assert cobs_encode(b"\x11\x22\x33\x44") == b"\x05\x11\x22\x33\x44"
    assert cobs_encode(b"\x11\x00\x00\x00") == b"\x02\x11\x01\x01\x01"


def test_broken_cobs_is_refused():
    for encoded in (b"", b"\x02", b"\x05abc", b"\x01\x00", b"\x02a\x09b"):
        with raises(FrameError):
            cobs_decode(encoded)


def test_empty_space_between_delimiters_is_no_error():
    deframer = Deframer()
    assert deframer.feed(bytes(50)) == []
    assert deframer.errors == 0
