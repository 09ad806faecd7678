"""What sensors of each protocol version have sent is read as before: a changed layout shows as a difference here."""

import re
from pathlib import Path

import pytest

from contract.described import KINDS, REQUESTS, described
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.diagnostics import DiagnosticsReply, pack_diagnostics
from unslouch_device.contract.frames import decode_frame, encode_frame
from unslouch_device.contract.pages import pack_page, unpack_page

CAPTURED = Path(__file__).parent / "captured"
NEVER_CAPTURED = {
    m.CLOCK,  # the captured sensor has a clock of its own …
    m.REZERO,  # … a wearer who calibrates instead …
    m.REPL,  # … no prompt …
    m.SELF_TEST,  # … keeps moving …
    m.PAIR,  # … and has no Bluetooth
}


def lines(version: int) -> list[tuple[int, bytes, str]]:
    """(kind, payload, description) of every captured frame."""
    text = (CAPTURED / f"protocol_{version}.txt").read_text(encoding="utf-8")
    found = [line.split("  ", 1) for line in text.splitlines()]
    return [(*decode_frame(bytes.fromhex(frame)), words) for frame, words in found]


def test_every_captured_frame_is_read_as_when_it_was_captured() -> None:
    for kind, payload, words in lines(3):
        asked = re.match("REPLY to (\\w+)", words)
        answers = getattr(m, asked[1]) if asked else None
        assert described(kind, payload, answers) == words


def test_there_is_a_frame_of_every_kind() -> None:
    assert {kind for kind, _, _ in lines(3)} == {*REQUESTS, *KINDS, m.REPLY} - NEVER_CAPTURED


def test_what_was_captured_is_packed_into_the_same_bytes() -> None:
    for kind, payload, _ in lines(3):
        assert encode_frame(kind, packed_again(kind, payload)) == encode_frame(kind, payload)


def packed_again(kind: int, payload: bytes) -> bytes:
    match kind:
        case m.REPLY:
            head, data = p.unpack_reply(payload)
            return p.pack_reply(head.tag, head.status, data)
        case m.LIVE:
            return p.pack_live(**vars(p.Live(payload)))
        case m.STATUS:
            return p.pack_status(**vars(p.Status(payload)))
        case m.EVENT:
            event = r.EventRecord(payload)
            return r.pack_event(event.code, event.uptime_low_ms, *event.fields.values())
        case m.PAGE:
            return pack_page(unpack_page(payload))
        case _:
            tag, *fields = m.unpack_request(kind, payload) or ()
            assert isinstance(tag, int)
            return m.pack_request(kind, tag, *fields)


@pytest.mark.parametrize("kind", [m.HELLO, m.FETCH, m.STANDING, m.DIAGNOSTICS, m.CALIBRATE], ids=REQUESTS.get)
def test_the_data_of_a_captured_reply_are_packed_into_the_same_bytes(kind: int) -> None:
    data = next(payload[2:] for _, payload, words in lines(3) if words.startswith(f"REPLY to {REQUESTS[kind]}:"))
    payload, pack = {
        m.HELLO: (p.HelloReply, p.pack_hello_reply),
        m.FETCH: (p.FetchReply, p.pack_fetch_reply),
        m.STANDING: (p.StandingReply, p.pack_standing_reply),
        m.DIAGNOSTICS: (DiagnosticsReply, pack_diagnostics),
        m.CALIBRATE: (p.Number, p.pack_number),
    }[kind]
    assert pack(**vars(payload(data))) == data  # type: ignore[operator]
