"""The table of settings, the messages that carry them, and the names of states."""

import struct

from expect import raises
from unslouch_device.contract import messages as m
from unslouch_device.contract import settings, states
from unslouch_device.contract.frames import MAX_PAYLOAD_BYTES
from unslouch_device.contract.payloads import pack_reply
from unslouch_device.contract.settings import SETTINGS, pack_settings, setting_by_id, unpack_settings


def test_no_two_settings_share_an_id_or_a_key():
    assert len({setting.id for setting in SETTINGS}) == len(SETTINGS)
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)


def test_every_default_is_within_its_range():
    for setting in SETTINGS:
        assert setting.least <= setting.default <= setting.greatest, setting.key
        assert setting.least < setting.greatest, setting.key


def test_every_setting_is_explained_in_one_sentence():
    for setting in SETTINGS:
        assert setting.meaning.endswith("."), setting.key
        assert setting.meaning.count(". ") == 0, setting.key


def test_the_defaults_are_those_of_the_design():
    defaults = {setting.key: setting.default for setting in SETTINGS}
    assert (defaults["threshold"], defaults["hysteresis"]) == (12, 4)
    assert (defaults["delay"], defaults["recovery"], defaults["alert-gap"]) == (30, 2, 180)
    assert defaults["tracking-only"] == 0


def test_a_setting_is_found_by_its_id_only():
    assert setting_by_id(settings.DELAY_S).key == "delay"
    assert setting_by_id(0) is None
    assert setting_by_id(255) is None


def test_all_settings_fit_one_reply():
    assert len(pack_reply(1, m.OK, pack_settings(1, settings.DEFAULTS))) <= MAX_PAYLOAD_BYTES


def test_every_value_fits_the_wire():
    for setting in SETTINGS:
        for value in (setting.least, setting.greatest):
            assert unpack_settings(pack_settings(7, {setting.id: value})) == (7, {setting.id: value})


def test_settings_that_are_cut_are_refused():
    data = pack_settings(7, settings.DEFAULTS)
    for length in (0, 1, 3, 4, 5, 6, len(data) - 1, len(data) + 1):
        with raises(ValueError):
            unpack_settings((data + b"\0")[:length])


def test_requests_and_what_the_board_sends_share_no_kind():
    kinds = list(m.REQUEST_FORMATS) + [m.REPLY, m.LIVE, m.STATUS, m.EVENT, m.PAGE]
    assert len(set(kinds)) == len(kinds)


def test_every_request_begins_with_its_tag():
    for kind, layout in m.REQUEST_FORMATS.items():
        payload = bytes((0xA5,)) + bytes(struct.calcsize(layout) - 1)
        assert m.pack_request(kind, *m.unpack_request(kind, payload)) == payload


def test_a_request_of_a_wrong_length_is_not_unpacked():
    for kind, layout in m.REQUEST_FORMATS.items():
        for wrong in (struct.calcsize(layout) - 1, struct.calcsize(layout) + 1):
            assert m.unpack_request(kind, bytes(wrong)) is None


def test_requests_have_the_captured_bytes():
    assert m.pack_request(m.HELLO, 1, m.PROTOCOL_VERSION) == b"\x01\x03"
    assert m.pack_request(m.FETCH, 2, 0xDEADBEEF, 0x01020304, 5) == b"\x02\xef\xbe\xad\xde\x04\x03\x02\x01\x05\x00"
    assert m.pack_request(m.SET_SETTING, 3, 0x0102, 7, -2) == b"\x03\x02\x01\x07\xfe\xff\xff\xff"
    assert m.pack_request(m.CLOCK, 4, 0x0102030405, -3) == b"\x04\x05\x04\x03\x02\x01\x00\x00\x00\xfd"
    assert m.pack_request(m.NAME_PROFILE, 5, 2, b"car") == b"\x05\x02car" + bytes(15)


def test_every_status_has_a_name():
    codes = [m.OK, m.UNKNOWN_REQUEST, m.BAD_PAYLOAD, m.UNKNOWN_PROTOCOL, m.STALE_REVISION, m.UNKNOWN_SETTING]
    codes += [m.OUT_OF_RANGE, m.WRONG_JOURNAL, m.MOVED, m.GRAVITY_OFF, m.BUSY, m.NOT_CALIBRATED, m.CLOCK_REFUSED]
    codes += [m.NOT_WORN, m.FLASH_FAILED, m.BOW_TOO_SMALL, m.BOW_NOT_STRAIGHT, m.SATURATED, m.SENSOR_SILENT]
    codes += [m.NO_SELF_TEST, m.CABLE_ONLY, m.UNKNOWN_HOST]
    codes += [m.BATTERY_LOW, m.FLASH_FULL, m.MAIN_TOO_OLD, m.DAMAGED, m.NO_UPDATE, m.BATTERY_NOT_MEASURED]
    assert codes == list(range(len(m.STATUS_NAMES)))
    assert len(set(m.STATUS_NAMES)) == len(m.STATUS_NAMES)


def test_every_state_has_a_name_of_its_own():
    assert len(set(states.STATE_NAMES)) == len(states.STATE_NAMES) == states.STATES
    assert len(set(states.ACTIVITY_NAMES)) == len(states.ACTIVITY_NAMES) == states.ACTIVITIES
    assert states.STATE_NAMES[states.UNKNOWN] == "lost"
    assert states.STATE_NAMES[states.UPRIGHT] == "upright"
    assert states.ACTIVITY_NAMES[states.ACTIVITY_INERT] == "inert"


def test_a_hysteresis_that_reaches_the_threshold_is_not_consistent():
    values = dict(settings.DEFAULTS)
    assert settings.are_consistent(values)
    values[settings.HYSTERESIS_DEG] = values[settings.THRESHOLD_DEG] - 1
    assert settings.are_consistent(values)
    values[settings.HYSTERESIS_DEG] += 1
    assert not settings.are_consistent(values)
