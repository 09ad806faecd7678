"""A frame's payload in words: every field by its name in the contract, as a line of the captured files."""

from collections.abc import Mapping

from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.contract.diagnostics import DiagnosticsReply
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.settings import unpack_settings

KINDS = {m.LIVE: "LIVE", m.STATUS: "STATUS", m.EVENT: "EVENT", m.PAGE: "PAGE"}
_NAMES = """
    HELLO CLOCK SUBSCRIBE FETCH GET_SETTINGS SET_SETTING CALIBRATE REZERO SNOOZE BUZZ PING REPL BOW STANDING
    GET_PROFILES SELECT_PROFILE NAME_PROFILE DIAGNOSTICS CRASH_TEXT SELF_TEST PAIR
"""
REQUESTS = {getattr(m, name): name for name in _NAMES.split()}
REPLIES: Mapping[int, type[p.Payload]] = {
    m.HELLO: p.HelloReply,
    m.FETCH: p.FetchReply,
    m.STANDING: p.StandingReply,
    m.DIAGNOSTICS: DiagnosticsReply,
    **dict.fromkeys((m.SET_SETTING, m.CALIBRATE, m.REZERO, m.BOW, m.SNOOZE, m.SELECT_PROFILE, m.PAIR), p.Number),
}


def described(kind: int, payload: bytes, answers: int | None = None) -> str:
    """Return a payload's fields by name; answers is the kind of the request that a REPLY answers."""
    if kind in REQUESTS:
        fields = m.unpack_request(kind, payload)
        assert fields is not None
        return line(REQUESTS[kind], dict(zip(("tag", *m.REQUEST_FIELDS.get(kind, ())), fields, strict=True)))
    if kind == m.REPLY:
        assert answers is not None
        head, data = p.unpack_reply(payload)
        status = {"tag": head.tag, "status": m.STATUS_NAMES[head.status]}
        return line(f"REPLY to {REQUESTS[answers]}", status | reply(answers, data))
    if kind == m.EVENT:
        event = r.EventRecord(payload)
        return line(f"EVENT {event.name}", {"uptime_low_ms": event.uptime_low_ms} | event.fields)
    if kind == m.PAGE:
        return page(payload)
    return line(KINDS[kind], vars({m.LIVE: p.Live, m.STATUS: p.Status}[kind](payload)))


def reply(answers: int, data: bytes) -> dict[str, object]:
    """Return the fields of a reply's data."""
    if not data:
        return {}
    if answers == m.GET_SETTINGS:
        revision, values = unpack_settings(data)
        return {"revision": revision, "values": values}
    if answers == m.GET_PROFILES:
        active, entries = p.unpack_profiles(data)
        return {"active": active, "entries": [vars(entry) for entry in entries]}
    if answers == m.CRASH_TEXT:
        length, part = p.unpack_text_part(data)
        return {"length": length, "part": part}
    return vars(REPLIES[answers](data))


def page(data: bytes) -> str:
    """Return a page's header and its records."""
    whole = unpack_page(data)
    header = {name: value for name, value in vars(whole).items() if name != "records"}
    records = [whole.records[at : at + r.RECORD_BYTES] for at in range(0, len(whole.records), r.RECORD_BYTES)]
    lines = [f"EVENT {vars(r.EventRecord(each))}" if r.is_event(each) else f"EPOCH {epoch(each)}" for each in records]
    return line("PAGE", header) + "; " + "; ".join(lines)


def epoch(record: bytes) -> dict[str, object]:
    return vars(r.EpochRecord(record))


def line(name: str, fields: Mapping[str, object]) -> str:
    return f"{name}: " + ", ".join(f"{field} {value}" for field, value in fields.items())
