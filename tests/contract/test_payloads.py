"""Payloads: what the board packs by name, the host unpacks by the same names."""

import inspect
import re
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.board_test import TEST_FAILED, TEST_PASSED, BoardTestReply, pack_board_test
from unslouch_device.contract.diagnostics import (
    DiagnosticsReply,
    HeapReply,
    IdfHeapReply,
    pack_diagnostics,
    pack_heap,
    pack_idf_heap,
)
from unslouch_device.contract.frames import encode_frame
from unslouch_device.contract.pages import PageHeader

PACKED: list[tuple[type[p.Payload], Callable[..., bytes]]] = [
    (p.Number, p.pack_number),
    (p.HelloReply, p.pack_hello_reply),
    (p.FetchReply, p.pack_fetch_reply),
    (p.StandingReply, p.pack_standing_reply),
    (p.ProfileEntry, p.pack_profile),
    (p.Live, p.pack_live),
    (p.Status, p.pack_status),
    (DiagnosticsReply, pack_diagnostics),
    (IdfHeapReply, pack_idf_heap),
    (HeapReply, pack_heap),
    (BoardTestReply, pack_board_test),
]
EVERY = [payload for payload, _ in PACKED] + [p.ReplyHead, r.PackedEpoch, PageHeader]
BOTH = pytest.mark.parametrize(("payload", "pack"), PACKED, ids=lambda value: value.__name__)


def letters(layout: str) -> list[str]:
    """The fields of a struct format."""
    return re.findall(r"\d*[a-zA-Z]", layout[1:])


def values_of(letter: str) -> st.SearchStrategy[int | bytes]:
    if letter.endswith("s"):
        return st.binary(min_size=int(letter[:-1]), max_size=int(letter[:-1]))
    bits = 8 * struct.calcsize("<" + letter)
    low = 0 if letter.isupper() else -(1 << bits - 1)
    return st.integers(low, low + (1 << bits) - 1)


@pytest.mark.parametrize("payload", EVERY, ids=lambda payload: payload.__name__)
def test_every_field_of_a_format_has_a_name_and_a_type(payload: type[p.Payload]) -> None:
    assert len(payload.names()) == len(letters(payload.FORMAT))
    for letter, kind in zip(letters(payload.FORMAT), payload.__annotations__.values(), strict=True):
        assert kind is (bytes if letter.endswith("s") else int)


@BOTH
def test_packing_takes_the_fields_by_the_names_and_in_the_order_in_which_they_are_unpacked(
    payload: type[p.Payload], pack: Callable[..., bytes]
) -> None:
    behind = ("board",) if payload is p.HelloReply else ()
    assert tuple(inspect.signature(pack).parameters) == payload.names() + behind


@BOTH
@given(st.data())
def test_a_payload_comes_back(payload: type[p.Payload], pack: Callable[..., bytes], data: st.DataObject) -> None:
    fields = {
        name: data.draw(values_of(letter), name)
        for name, letter in zip(payload.names(), letters(payload.FORMAT), strict=True)
    }
    if payload is p.HelloReply:
        fields["board"] = data.draw(st.binary(max_size=40), "board")
    assert vars(payload(pack(**fields))) == fields


@pytest.mark.parametrize("payload", EVERY, ids=lambda payload: payload.__name__)
def test_a_payload_of_another_length_is_refused(payload: type[p.Payload]) -> None:
    size = struct.calcsize(payload.FORMAT)
    for length in [0, size - 1] if payload is p.HelloReply else [0, size - 1, size + 1]:
        with pytest.raises(p.PayloadError, match=f"^{length} bytes instead of the {size} of"):
            payload(bytes(length))


@pytest.mark.parametrize("data", [b"", b"\0" * 20, b"\0" * 24])
def test_profiles_of_another_length_are_refused(data: bytes) -> None:
    with pytest.raises(p.PayloadError):
        p.unpack_profiles(data)


def test_a_reply_or_a_traceback_without_its_head_is_refused() -> None:
    with pytest.raises(p.PayloadError):
        p.unpack_reply(b"\1")
    with pytest.raises(p.PayloadError):
        p.unpack_text_part(b"\1")


@pytest.mark.parametrize("offset", [0, 3, 200, 400, 450])
def test_a_traceback_is_sent_in_parts(offset: int) -> None:
    text = bytes(range(256)) + bytes(150)
    assert p.unpack_text_part(p.pack_text_part(text, offset)) == (406, text[offset : offset + 200])


def test_the_requests_for_memory_and_their_replies_have_these_bytes() -> None:
    assert encode_frame(m.IDF_HEAP, m.pack_request(m.IDF_HEAP, 7))[:2] == bytes.fromhex("1807")
    assert p.pack_reply(7, m.OK, pack_idf_heap(61_440, 31_744)) == bytes.fromhex("0700 00f00000 007c0000")
    assert encode_frame(m.HEAP, m.pack_request(m.HEAP, 7))[:2] == bytes.fromhex("1e07")
    assert p.pack_reply(7, m.OK, pack_heap(130_000)) == bytes.fromhex("0700 d0fb0100")


def test_the_request_for_a_test_of_the_board_and_its_reply_have_these_bytes() -> None:
    assert encode_frame(m.BOARD_TEST, m.pack_request(m.BOARD_TEST, 7))[:2] == bytes.fromhex("1907")
    data = pack_board_test(TEST_PASSED, 0, 3912, TEST_PASSED, TEST_FAILED, TEST_PASSED)
    assert p.pack_reply(7, m.OK, data) == bytes.fromhex("0700 01 00 480f 01 00 01")


def test_every_field_of_a_request_has_a_name() -> None:
    for kind, layout in m.REQUEST_FORMATS.items():
        assert len(letters(layout)) == 1 + len(m.REQUEST_FIELDS.get(kind, ()))
