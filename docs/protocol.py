"""Writes the tables and examples of docs/protocol.md from the contract; the text between them stays as it is."""

import inspect
import re
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

from protocol_words import FROM_BOARD, LAYOUTS, REQUEST_FIELDS, REQUESTS

from unslouch_device.contract import gatt, settings, states, updates
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.frames import encode_frame, to_wire
from unslouch_device.contract.pages import Page, pack_page

DOCUMENT = Path(__file__).with_name("protocol.md")
BLOCK = re.compile(r"(<!-- from the contract: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TYPES = {"B": "u8", "b": "i8", "H": "u16", "h": "i16", "I": "u32", "i": "i32", "Q": "u64"}
FLAGS = (
    *(
        "HELLO_SIMULATED",
        "HELLO_OWN_CLOCK",
        "HELLO_SLEEPS_DEEPLY",
        "HELLO_BUTTON_WAKES",
        "LIVE_ALERTING",
        "LIVE_SNOOZED",
        "LIVE_TRACKING_ONLY",
        "POWER_EXTERNAL",
    ),
    *("NOTICE_SENSOR_MOVED", "NOTICE_SLEEPS_DEEPLY", "PROFILE_BOWED", "PROFILE_STOOD"),
    *("HOST_LINKED", "HOST_YOURS", "HOST_SECURE"),
    *("UPDATE_ON_TRIAL", "UPDATE_TAKEN_BACK"),
)
NUMBERS = (
    *("CALIBRATED", "TAKEN_OFF", "MISSED", "ADAPTED", "HELD", "CRASH", "TASK", "BATTERY", "BOOT", "REFUSED", "PAIRED"),
    *("ASLEEP", "WOKEN"),
)
WIDTH = 16  # bytes in a line of an example


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def fields_of(layout: str) -> list[tuple[int, int, str]]:
    """(offset, bytes, type) of each field of a struct format."""
    found, offset = [], 0
    for count, code in re.findall(r"(\d*)([a-zA-Z])", layout):
        size = struct.calcsize(f"<{count}{code}")
        found.append((offset, size, f"{size} bytes" if code == "s" else TYPES[code]))
        offset += size
    return found


def in_a_line(layout: str, names: Sequence[str]) -> str:
    """A layout's fields with their types."""
    return ", ".join(f"{name} ({kind})" for (_, _, kind), name in zip(fields_of(layout), names, strict=True)) or "–"


def bytes_of(name: str) -> str:
    """A table of a payload's bytes."""
    payload, meanings, rest = LAYOUTS[name]
    fields = zip(fields_of(payload.FORMAT), payload.names(), strict=True)
    rows: list[Sequence[object]] = [
        (offset, size, "bytes" if kind.endswith("bytes") else kind, field, meanings[field])
        for (offset, size, kind), field in fields
    ]
    if rest is not None:
        rows.append((struct.calcsize(payload.FORMAT), "…", "", "", rest))
    return table(("offset", "bytes", "type", "field", "what"), rows)


def constants(module: ModuleType, wanted: Iterable[str]) -> list[tuple[str, int, str]]:
    """(name, value, comment) of a module's numbers of these names, or whose names begin so and go on with `_`."""
    source = inspect.getsource(module)
    found = []
    for name, comment in re.findall(r"^([A-Z_]+) = (?:0x)?[0-9A-F]+(?:  # (.*))?$", source, re.MULTILINE):
        if name in wanted or any(name.startswith(prefix + "_") for prefix in wanted):
            value = getattr(module, name)
            if module is not r or r.EVENTS.get(value, ("",))[0].replace(" ", "_") != name.lower():  # no event's code
                found.append((name, value, comment.strip(" …")))
    return found


def uuids() -> str:
    flags = "write, write without response, notify"
    rows = (
        ("service", gatt.SERVICE, "", ""),
        ("control", gatt.CONTROL, flags, "requests are written, replies are notified"),
        ("stream", gatt.STREAM, "notify", "LIVE, STATUS and EVENT are notified"),
        ("journal", gatt.JOURNAL, flags, "PAGE is notified, acknowledgements are written"),
    )
    return table(("what", "UUID", "properties", "carries"), rows)


def pieces() -> str:
    rows = (
        ("none", "a whole frame: its first byte is its kind"),
        (f"{gatt.MORE:#04x}", "a piece of a frame, and more follow"),
        (f"{gatt.LAST:#04x}", "the last piece of a frame"),
    )
    return table(("mark", "the value is"), rows)


def requests() -> str:
    rows = []
    for kind, name in sorted((getattr(m, name), name) for name in REQUESTS):
        meaning, answer = REQUESTS[name]
        fields = [REQUEST_FIELDS[field] for field in m.REQUEST_FIELDS.get(kind, ())]
        payload = in_a_line(m.REQUEST_FORMATS[kind], ("tag", *fields))
        rows.append((f"{kind:#04x}", name, payload, meaning, answer))
    return table(("kind", "name", "payload", "what it does", "data of the reply"), rows)


def from_board() -> str:
    return table(
        ("kind", "name", "payload"), [(f"{getattr(m, name):#04x}", name, FROM_BOARD[name]) for name in FROM_BOARD]
    )


def statuses() -> str:
    return table(("status", "name"), enumerate(m.STATUS_NAMES))


def flags() -> str:
    rows = [
        (f"`{name}`", f"{value:#04x}", comment)
        for module in (p, updates)
        for name, value, comment in constants(module, FLAGS)
    ]
    epochs = [one for one in constants(r, ("EPOCH",)) if one[0] != "EPOCH_MS"]
    rows += [(f"`{name}`", f"{value:#04x}", comment) for name, value, comment in epochs]
    return table(("flag", "bit", "what"), rows)


def numbers() -> str:
    rows = [(f"`{name}`", value, comment) for name, value, comment in constants(r, NUMBERS)]
    return table(("number", "value", "what"), rows)


def events() -> str:
    rows = [
        (code, f"{r.EVENT_MARK | code:#04x}", name, in_a_line(layout, fields))
        for code, (name, layout, fields) in sorted(r.EVENTS.items())
    ]
    return table(("code", "first byte", "event", "fields, from byte 5 on"), rows)


def states_and_activities() -> str:
    rows = [
        (number, name, states.ACTIVITY_NAMES[number] if number < states.ACTIVITIES else "")
        for number, name in enumerate(states.STATE_NAMES)
    ]
    return table(("number", "state", "activity"), rows)


def settings_table() -> str:
    rows = [
        (one.id, f"`{one.key}`", one.unit, f"{one.least} to {one.greatest}", one.default, one.meaning)
        for one in settings.SETTINGS
    ]
    return table(("id", "setting", "unit", "range", "default", "what"), rows)


def example_page() -> bytes:
    """A page of an event and an epoch."""
    epoch = bytearray(r.RECORD_BYTES)
    seconds = [1200, 1225, 1250, 1275, 1300]
    r.pack_epoch_into(epoch, states.SLOUCHING, states.ACTIVITY_STILL, r.EPOCH_ALERTED, 1250, -300, seconds, 50)
    alert = r.pack_event(r.ALERT, 61_000, 1275, 1, settings.DELAY_MODE)
    return pack_page(Page(0x1A2B3C4D, 3, 4711, 60_000, 5, 2, alert + bytes(epoch)))


def examples() -> str:
    hello = m.pack_request(m.HELLO, 1, m.PROTOCOL_VERSION)
    frame = encode_frame(m.HELLO, hello)
    reply = encode_frame(m.REPLY, p.pack_reply(2, m.STALE_REVISION, p.pack_number(6)))
    write = encode_frame(m.SET_SETTING, m.pack_request(m.SET_SETTING, 2, 5, settings.DELAY_S, 45))
    name = encode_frame(m.NAME_PROFILE, m.pack_request(m.NAME_PROFILE, 3, 2, b"by the window"))
    shown: list[tuple[str, Sequence[bytes]]] = [
        (
            f"HELLO with tag 1, asking for version {m.PROTOCOL_VERSION}: one value of the control characteristic",
            (frame,),
        ),
        ("the same on serial: COBS between zero bytes", (to_wire(m.HELLO, hello),)),
        ("SET_SETTING with tag 2: made against revision 5, the delay is to be 45 s", (write,)),
        ("its refusal, since the revision is 6 by now: status 4, data 06 00", (reply,)),
        ("NAME_PROFILE with tag 3: profile 2 by the name “by the window”", (name,)),
        ("the same at an MTU of 23, where a value has 20 bytes: two pieces", gatt.values_of(name, 20)),
        ("an acknowledgement of 40 values, written to the journal characteristic", (gatt.pack_ack(40),)),
        (
            "PAGE: journal 1a2b3c4d, boot 3, records 4711 (alert 1 at 12.75°, 61 s after the boot) and 4712\n"
            "(slouching, still, alerted; 12.5° forward, 3° to the left)",
            (encode_frame(m.PAGE, example_page()),),
        ),
    ]
    return "".join(f"{what}:\n\n" + "\n".join(map(hexadecimal, values)) + "\n" for what, values in shown)


def hexadecimal(data: bytes) -> str:
    """Bytes as a block of code."""
    lines = [data[at : at + WIDTH].hex(" ") for at in range(0, len(data), WIDTH)]
    return "```hex\n" + "\n".join(lines) + "\n```\n"


BLOCKS = {
    "uuids": uuids,
    "pieces": pieces,
    "requests": requests,
    "from_board": from_board,
    "statuses": statuses,
    "flags": flags,
    "numbers": numbers,
    "events": events,
    "states": states_and_activities,
    "settings": settings_table,
    "examples": examples,
    **{name: lambda name=name: bytes_of(name) for name in LAYOUTS},
}


def written(text: str) -> str:
    """The document with its blocks made anew."""
    return BLOCK.sub(lambda block: f"{block[1]}{BLOCKS[block[2]]()}{block[3]}", text)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
