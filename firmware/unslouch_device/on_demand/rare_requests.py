"""Requests that come with a change by the wearer, or with somebody who looks at the board's health."""

import gc

from ..contract import messages as m
from ..contract import payloads as p
from ..contract.diagnostics import pack_diagnostics, pack_heap, pack_idf_heap
from ..contract.patterns import OWN
from ..contract.settings import RANGES, in_range
from . import load


def _set_setting(app, channel, revision: int, id: int, value: int) -> "tuple[int, bytes]":
    current = p.pack_number(app.config.revision)
    if id not in RANGES:
        return m.UNKNOWN_SETTING, b""
    if revision != app.config.revision:
        return m.STALE_REVISION, current
    if not in_range(id, value) or not app.allows(id, value):
        return m.OUT_OF_RANGE, b""
    try:
        app.change_setting(id, value)
    except OSError:
        return m.FLASH_FAILED, b""
    return m.OK, p.pack_number(app.config.revision)


def _get_profiles(app, channel) -> "tuple[int, bytes]":
    return m.OK, app.config.profiles.on_wire()


def _select_profile(app, channel, index: int) -> "tuple[int, bytes]":
    calibrating = app.calibrating
    if index >= m.PROFILES:
        return m.OUT_OF_RANGE, b""
    if calibrating.busy:
        return m.BUSY, b""
    try:
        calibrating.select(index)
    except OSError:
        return m.FLASH_FAILED, b""
    return m.OK, p.pack_number(app.config.calibration_id)


def _name_profile(app, channel, index: int, padded: bytes) -> "tuple[int, bytes]":
    name = padded.rstrip(b"\0")
    if index >= m.PROFILES:
        return m.OUT_OF_RANGE, b""
    if not _is_text(name):
        return m.BAD_PAYLOAD, b""
    try:
        app.calibrating.rename(index, name)
    except OSError:
        return m.FLASH_FAILED, b""
    return m.OK, b""


def _snooze(app, channel, minutes: int) -> "tuple[int, bytes]":
    if minutes > m.MAX_SNOOZE_MIN and minutes != m.SNOOZE_AS_SET:
        return m.OUT_OF_RANGE, b""
    return m.OK, p.pack_number(app.snooze(minutes))


def _buzz(app, channel) -> "tuple[int, bytes]":
    if app.pipeline.alerter.spared:
        return m.BATTERY_LOW, b""
    app.feedback.buzz()
    return m.OK, b""


def _diagnostics(app, channel) -> "tuple[int, bytes]":
    supervisor = app.supervisor
    records_left, records_held = app.journal.room()
    return m.OK, pack_diagnostics(
        app.boot_cause,
        app.crashes.count(),
        supervisor.heap_bytes,
        supervisor.least_heap_bytes,
        supervisor.late_ms,
        app.uptime.slept_ms // 1000,
        (app.sampler.bus_errors + app.motor.bus_errors) & 0xFFFFFFFF,
        app.event_log.flash_errors & 0xFFFFFFFF,
        channel.errors & 0xFFFFFFFF,
        app.journal.refused & 0xFFFFFFFF,
        records_left,
        records_held,
        channel.interval,
    )


def _idf_heap(app, channel) -> "tuple[int, bytes]":
    return m.OK, pack_idf_heap(*app.idf_heap())


def _heap(app, channel) -> "tuple[int, bytes]":
    heap_bytes = gc.mem_free() + gc.mem_alloc() if hasattr(gc, "mem_free") else 0
    return m.OK, pack_heap(heap_bytes)


def _crash_text(app, channel, offset: int) -> "tuple[int, bytes]":
    return m.OK, p.pack_text_part(app.crashes.text, offset)


def _pair(app, channel) -> "tuple[int, bytes]":
    if not app.has_radio:
        return m.CABLE_ONLY, b""
    return m.OK, p.pack_number(app.pairing_window.open())


def _get_hosts(app, channel) -> "tuple[int, bytes]":
    return m.OK, app.radio.hosts.admission.hosts(channel.handle)


def _forget_host(app, channel, key: bytes) -> "tuple[int, bytes]":
    try:
        return m.OK if app.radio.hosts.forget_host(key) else m.UNKNOWN_HOST, b""
    except OSError:
        return m.FLASH_FAILED, b""


def _undo(app, channel) -> "tuple[int, bytes]":
    status = load("undo").undo(app.calibrating)
    return status, p.pack_number(app.config.calibration_id) if status == m.OK else b""


def _play_pattern(app, channel, pattern: int) -> "tuple[int, bytes]":
    if pattern > OWN or (pattern == OWN and not any(load("patterns").own_pattern(app.config))):
        return m.OUT_OF_RANGE, b""
    if app.pipeline.alerter.spared:
        return m.BATTERY_LOW, b""
    app.feedback.alert(1, pattern)
    return m.OK, b""


def _get_own_pattern(app, channel) -> "tuple[int, bytes]":
    return m.OK, load("patterns").own_pattern(app.config)


def _set_own_pattern(app, channel, times: bytes) -> "tuple[int, bytes]":
    try:
        return m.OK if load("patterns").keep_own_pattern(app.config, times) else m.OUT_OF_RANGE, b""
    except OSError:
        return m.FLASH_FAILED, b""


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeError:
        return False
    return not name or min(name) >= ord(" ")


# kind: a function of the App, the channel over which the request came, and its fields, that returns status and data
HANDLERS = {
    m.SET_SETTING: _set_setting,
    m.GET_PROFILES: _get_profiles,
    m.SELECT_PROFILE: _select_profile,
    m.NAME_PROFILE: _name_profile,
    m.SNOOZE: _snooze,
    m.BUZZ: _buzz,
    m.DIAGNOSTICS: _diagnostics,
    m.CRASH_TEXT: _crash_text,
    m.PAIR: _pair,
    m.GET_HOSTS: _get_hosts,
    m.FORGET_HOST: _forget_host,
    m.IDF_HEAP: _idf_heap,
    m.HEAP: _heap,
    m.UNDO: _undo,
    m.PLAY_PATTERN: _play_pattern,
    m.GET_OWN_PATTERN: _get_own_pattern,
    m.SET_OWN_PATTERN: _set_own_pattern,
}
