"""Profiles: named calibrations that outlive a reboot, with ids that are never given twice."""

import struct

from expect import raises
from flash import Folder, read, remove, write
from unslouch_device.contract import messages as m
from unslouch_device.contract import payloads as p
from unslouch_device.contract import records as r
from unslouch_device.files import make_folder
from unslouch_device.profiles import Profiles

UP = (16384, -1, 2)
FORWARD = (3, -4, -16384)
FILE = "/profiles.bin"


def summary(profiles):
    """Return all that a host or a pipeline would notice."""
    return [
        (
            profile.name,
            profile.calibration_id,
            profile.up,
            profile.forward,
            profile.flags,
            profile.standing_forward_cdeg,
            profile.standing_lateral_cdeg,
            profile.usual_cdeg,
            profile.walked_s,
        )
        for profile in profiles.all
    ] + [profiles.index]


def used(folder):
    """Return profiles of which much has been used."""
    profiles = Profiles(folder)
    profiles.calibrate(UP, FORWARD, False, None)
    profiles.select(3)
    profiles.calibrate(FORWARD, UP, True, (-450, 120))
    profiles.remember_walking(-320, 100_000)
    profiles.rename(3, "Küche: Stehpult".encode())
    return profiles


def test_a_new_board_has_two_named_profiles_and_no_calibration():
    with Folder() as folder:
        profiles = Profiles(folder)
        assert [profile.name for profile in profiles.all] == [b"office chair", b"standing desk", b"", b""]
        assert [profile.calibration_id for profile in profiles.all] == [0] * m.PROFILES
        assert profiles.active is profiles.all[0]


def test_everything_survives_a_reboot():
    with Folder() as folder:
        profiles = used(folder)
        assert profiles.active.calibration_id == 2
        assert profiles.active.flags == p.PROFILE_BOWED | p.PROFILE_STOOD
        assert summary(Profiles(folder)) == summary(profiles)


def test_a_new_calibration_drops_what_belonged_to_the_old_one():
    with Folder() as folder:
        profiles = used(folder)
        profiles.calibrate(UP, FORWARD, False, None)
        profile = Profiles(folder).active
        assert (profile.flags, profile.standing_forward_cdeg, profile.standing_lateral_cdeg) == (0, 0, 0)
        assert (profile.usual_cdeg, profile.walked_s) == (0, 0)
        assert profile.name == "Küche: Stehpult".encode()


def test_a_standing_zero_leaves_the_rest_of_its_profile():
    with Folder() as folder:
        profiles = used(folder)
        profiles.select(0)
        profiles.stand(-600, -50)
        profile = Profiles(folder).active
        assert (profile.calibration_id, profile.up, profile.forward) == (1, UP, FORWARD)
        assert profile.flags == p.PROFILE_STOOD
        assert (profile.standing_forward_cdeg, profile.standing_lateral_cdeg) == (-600, -50)


def test_ids_are_one_row_over_all_profiles_and_reboots():
    with Folder() as folder:
        given = []
        for index in (0, 2, 0, 3, 2):
            profiles = Profiles(folder)
            profiles.select(index)
            given.append(profiles.calibrate(UP, FORWARD, False, None))
        assert given == [1, 2, 3, 4, 5]
        assert [profile.calibration_id for profile in Profiles(folder).all] == [3, 0, 5, 4]


def test_a_damaged_file_loses_the_calibrations_and_no_id_is_given_again():
    with Folder() as folder:
        used(folder)
        whole = read(folder + FILE)
        for at in range(0, len(whole), 7):
            damaged = bytearray(whole)
            damaged[at] ^= 0x10
            write(folder + FILE, damaged)
            profiles = Profiles(folder, lambda: 2)
            assert profiles.active.calibration_id == 0
            assert Profiles(folder).calibrate(UP, FORWARD, False, None) == 3  # remembered without asking again


def test_files_cut_short_of_another_version_or_of_zeros_are_as_good_as_absent():
    with Folder() as folder:
        fresh = summary(Profiles(folder))
        used(folder)
        whole = read(folder + FILE)
        for length in range(0, len(whole), 5):
            for content in (whole[:length], bytes(length)):
                write(folder + FILE, content)
                assert summary(Profiles(folder)) == fresh
        remove(folder + FILE)
        assert Profiles(folder, lambda: 41).calibrate(UP, FORWARD, False, None) == 42


def test_a_whole_file_is_believed_and_nobody_else_asked():
    def ask():
        raise AssertionError

    with Folder() as folder:
        used(folder)
        assert Profiles(folder, ask).calibrate(UP, FORWARD, False, None) == 3


def test_what_flash_refuses_changes_nothing():
    changes = (
        lambda profiles: profiles.calibrate(FORWARD, UP, False, None),
        lambda profiles: profiles.stand(1, 2),
        lambda profiles: profiles.select(0),
        lambda profiles: profiles.rename(1, b"sofa"),
        lambda profiles: profiles.remember_walking(5, 6),
    )
    with Folder() as folder:
        profiles = used(folder)
        before = summary(profiles)
        active = profiles.active
        make_folder(folder + FILE + ".new")  # in the way
        for change in changes:
            with raises(OSError):
                change(profiles)
            assert summary(profiles) == before
            assert profiles.active is active
            assert summary(Profiles(folder)) == before
        remove(folder + FILE + ".new")
        assert profiles.calibrate(FORWARD, UP, False, None) == 3


def test_a_host_gets_the_active_profile_and_one_entry_for_each():
    with Folder() as folder:
        data = used(folder).on_wire()
        assert data[0] == 3
        size = struct.calcsize(p.PROFILE_FORMAT)
        assert len(data) == 1 + m.PROFILES * size
        entries = [struct.unpack_from(p.PROFILE_FORMAT, data, at) for at in range(1, len(data), size)]
        assert [entry[0] for entry in entries] == [0, 1, 2, 3]
        assert entries[1][1:] == (0, 0, b"standing desk" + bytes(p.PROFILE_NAME_BYTES - 13))
        assert entries[3][1:3] == (2, p.PROFILE_BOWED | p.PROFILE_STOOD)
        assert entries[3][3].rstrip(b"\0") == "Küche: Stehpult".encode()


def test_a_name_travels_in_parts_and_comes_back_whole():
    for text in ("", "a", "office", "standing desk", "Küche: Stehpult", "eighteen bytes it!"):
        name = text.encode()
        parts = [r.name_part(*fields) for fields in r.name_parts(2, name)]
        assert [(profile, part) for profile, part, _ in parts] == [(2, 0), (2, 1), (2, 2)]
        assert b"".join([letters for _, _, letters in parts]).rstrip(b"\0") == name


def test_a_part_of_a_name_fits_its_event():
    for fields in r.name_parts(3, b"eighteen bytes it!"):
        record = r.pack_event(r.PROFILE_NAMED, 5000, *fields)
        assert len(record) == r.RECORD_BYTES
        assert r.unpack_event(record) == (r.PROFILE_NAMED, 5000, fields)


def test_an_undo_gives_back_what_the_last_calibration_replaced_under_its_present_name():
    with Folder() as folder:
        profiles = used(folder)
        before = summary(profiles)
        assert profiles.can_undo
        profiles.calibrate(UP, FORWARD, False, None)
        profiles.calibrate(FORWARD, UP, True, None, goes_on=True)
        profiles.rename(3, b"sofa")
        profiles.undo()
        assert not profiles.can_undo
        renamed = summary(profiles)
        assert renamed[3] == (b"sofa",) + before[3][1:]
        assert renamed[:3] == before[:3]
        assert summary(Profiles(folder)) == renamed
        assert profiles.calibrate(UP, FORWARD, False, None) == 5
        profiles.select(0)
        assert not profiles.can_undo
