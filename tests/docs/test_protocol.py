"""docs/protocol.md is the contract's: its tables are made from it, leave nothing out, and its examples are real."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from unslouch.sensor.timing import Timing
from unslouch_device.contract import board_test, diagnostics, gatt, pages, settings, states, updates
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import MAX_FRAME_BYTES, Deframer, decode_frame
from unslouch_device.link import admission, ble, bonds, hosts, pairing_window, radio, server
from unslouch_device.resting import ATTENTION_MS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "protocol.md").read_text(encoding="utf-8")
PLAIN = " ".join(TEXT.split())
EXAMPLES = [bytes.fromhex(block) for block in re.findall(r"```hex\n(.*?)```", TEXT, re.DOTALL)]


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))
    spec = spec_from_file_location("protocol", DOCS / "protocol.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_equals_what_the_script_writes_from_the_contract(writer: ModuleType) -> None:
    assert writer.written(TEXT) == TEXT  # if not: run docs/protocol.py, and read what the text around it says
    assert {name for _, name, _ in writer.BLOCK.findall(TEXT)} == set(writer.BLOCKS)


def test_it_names_every_request_and_every_frame_of_the_board(writer: ModuleType) -> None:
    assert {getattr(m, name) for name in writer.REQUESTS} == set(m.REQUEST_FORMATS)
    of_board = {value for name, value in vars(m).items() if isinstance(value, int) and re.fullmatch("[A-Z]+", name)}
    assert {getattr(m, name) for name in writer.FROM_BOARD} == {value for value in of_board if 0x40 <= value < 0x80}


def test_it_has_every_layout_flag_and_number_of_the_contract(writer: ModuleType) -> None:
    tables = {payload.FORMAT for payload, _, _ in writer.LAYOUTS.values()}
    requests = {
        p.REPLY_FORMAT,
        p.NUMBER_FORMAT,
        p.FETCH_REPLY_FORMAT,
        p.STANDING_REPLY_FORMAT,
        p.TEXT_LENGTH_FORMAT,
        updates.OFFSET_FORMAT,
    }
    layouts = {
        value
        for module in (p, board_test, diagnostics, updates, r, pages)
        for name, value in vars(module).items()
        if name.endswith("_FORMAT")
    }
    assert layouts == tables | requests
    for payload, meanings, _ in writer.LAYOUTS.values():
        assert payload.names() == tuple(meanings)
    assert {field for fields in m.REQUEST_FIELDS.values() for field in fields} == set(writer.REQUEST_FIELDS)
    prefixes = ("HELLO_", "LIVE_", "POWER_", "NOTICE_", "PROFILE_BOWED", "PROFILE_STOOD", "HOST_", "EPOCH_")
    numbers = tuple(f"{prefix}_" for prefix in writer.NUMBERS)
    for module, wanted in ((p, prefixes), (updates, ("UPDATE_ON_", "UPDATE_TAKEN_")), (r, ("EPOCH_", *numbers))):
        for name, value in vars(module).items():
            event = name.lower().replace("_", " ") in {words[0] for words in r.EVENTS.values()}
            if isinstance(value, int) and name.startswith(wanted) and name not in ("EPOCH_MS",) and not event:
                assert f"| `{name}` | " in TEXT, name


def test_its_examples_are_frames() -> None:
    hello, serial, change, refusal, name, first, last, acknowledgement, page = EXAMPLES
    assert decode_frame(hello) == (m.HELLO, bytes((1, m.PROTOCOL_VERSION)))
    assert Deframer().feed(serial) == [decode_frame(hello)]
    kind, payload = decode_frame(change)
    assert m.unpack_request(kind, payload) == (2, 5, settings.DELAY_S, 45)
    assert decode_frame(refusal) == (m.REPLY, p.pack_reply(2, m.STALE_REVISION, b"\x06\x00"))
    assembler = gatt.Assembler()
    assert [assembler.feed(first), assembler.feed(last)] == [None, name]
    assert len(first) == 20
    fields = m.unpack_request(*decode_frame(name))
    assert fields is not None
    assert fields[1:] == (2, b"by the window".ljust(p.PROFILE_NAME_BYTES, b"\0"))
    assert gatt.unpack_ack(acknowledgement) == 40
    assert decode_frame(page)[0] == m.PAGE


def test_its_example_of_a_page_matches_the_text_beside_it() -> None:
    page = pages.unpack_page(decode_frame(EXAMPLES[-1])[1])
    alert, epoch = page.records[: r.RECORD_BYTES], page.records[r.RECORD_BYTES :]
    assert (page.journal, page.boot, page.first_sequence, page.next_sequence) == (0x1A2B3C4D, 3, 4711, 4713)
    assert r.unpack_event(alert) == (r.ALERT, 61_000, (1275, 1, settings.DELAY_MODE))
    slouching = r.EpochRecord(epoch)
    assert (slouching.state, slouching.activity) == (states.SLOUCHING, states.ACTIVITY_STILL)
    assert (slouching.flags, slouching.forward_cdeg, slouching.lateral_cdeg) == (r.EPOCH_ALERTED, 1250, -300)


def test_figures_in_its_text_are_the_firmwares() -> None:
    for said in (
        f"A frame has 5 to {MAX_FRAME_BYTES} bytes",
        f"tag that the host chooses, 0 to {m.HOST_TAGS - 1},",
        f"at most {gatt.WINDOW} values under way, so acknowledge every {gatt.WINDOW // 4} or so",
        f"comes on for {radio.WINDOW_MS // 1000} s in windows. The first comes {gatt.FIRST_GAP_S} s after",
        f"the setting `window-gap` ({settings.DEFAULTS[settings.WINDOW_MIN]} min)",
        f"wakes, it is a new boot, and can be heard for {ATTENTION_MS // 1000} s",
        f"The pairing window opens for {pairing_window.PAIRING_MS // 60_000} min",
        f"within {admission._PATIENCE_S} s. While the window is open",
        f"a stranger has {admission._PAIRING_PATIENCE_S} s to pair",
        f"only {admission._STALL_S} s if a known host waits that long",
        "The sensor knows up to four hosts",
        f"has sent a request in the last {server._WATCHED_MS // 1000} s, and for {ATTENTION_MS // 1000} s after",
        f"send a PING every {Timing().keep_alive_s:g} s",
        f"the sensor keeps {ble._MOST_VALUES} waiting values and drops the rest",
        f"One FETCH gives at most {server._FETCH_PAGES} pages",
        f"A step is {r.SECOND_FINE_CDEG} cdeg, or {r.SECOND_COARSE_CDEG} with",
        f"of a page (n = 0, 1, …) covers the 5 s that begin at the page's uptime + n · {r.EPOCH_MS} ms",
    ):
        assert said in PLAIN, said
    assert bonds.MOST_HOSTS == 4
    low, high = (int.from_bytes(radio._ADVERTISED[at : at + 2], "little") * 1.25 for at in (5, 7))
    assert f"({low:g} to {high:g} ms)" in PLAIN


def test_the_services_characteristics_ask_for_encryption_and_the_others_are_refused_by_the_firmware() -> None:
    encrypted_to_read, encrypted_to_write, write, notify = 0x0200, 0x1000, 0x08 | 0x04, 0x10
    assert encrypted_to_read | encrypted_to_write | write | notify == radio._WRITTEN
    assert encrypted_to_read | encrypted_to_write | notify == radio._NOTIFIED
    assert radio._READ == 0x02
    assert f"error {hosts._NOT_AUTHORIZED}, not authorized" in PLAIN
