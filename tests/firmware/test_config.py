"""Settings and the fading in flash, in small files that are whole or absent."""

from expect import raises
from flash import Folder, read, remove, write
from unslouch_device.config import Config
from unslouch_device.contract.settings import DELAY_S, SETTINGS, THRESHOLD_DEG, pack_settings, unpack_settings
from unslouch_device.files import load, make_folder, save

DEFAULTS = {setting.id: setting.default for setting in SETTINGS}


def test_a_new_board_has_the_defaults_and_no_calibration():
    with Folder() as folder:
        config = Config(folder)
        assert config.settings == DEFAULTS
        assert (config.revision, config.calibration_id, config.fading) == (0, 0, 0)


def test_a_changed_setting_is_remembered_with_its_revision():
    with Folder() as folder:
        config = Config(folder)
        config.change(DELAY_S, 45)
        config.change(THRESHOLD_DEG, 20)
        again = Config(folder)
        assert (again.settings[DELAY_S], again.settings[THRESHOLD_DEG]) == (45, 20)
        assert again.revision == 2


def test_the_revision_wraps_to_one_and_is_never_that_of_a_new_board():
    with Folder() as folder:
        config = Config(folder)
        config.revision = 0xFFFF
        config.change(DELAY_S, 45)
        assert Config(folder).revision == 1


def test_a_change_that_flash_refuses_changes_nothing():
    with Folder() as folder:
        config = Config(folder)
        config.change(DELAY_S, 45)
        config.remember_fading(2)
        make_folder(folder + "/settings.bin.new")  # in the way
        make_folder(folder + "/fading.bin.new")
        with raises(OSError):
            config.change(DELAY_S, 60)
        with raises(OSError):
            config.remember_fading(3)
        for kept in (config, Config(folder)):
            assert (kept.settings[DELAY_S], kept.revision, kept.fading) == (45, 1, 2)


def test_the_calibration_in_force_is_that_of_the_active_profile():
    with Folder() as folder:
        config = Config(folder)
        config.profiles.calibrate((1, 2, 3), (4, 5, 6), False, None)
        assert config.calibration_id == 1
        config.profiles.select(1)
        assert config.calibration_id == 0


def test_settings_go_on_the_wire_as_revision_and_pairs():
    with Folder() as folder:
        config = Config(folder)
        config.change(DELAY_S, 45)
        assert unpack_settings(config.packed_settings()) == (1, config.settings)


def test_damage_in_the_settings_brings_the_defaults_back_and_leaves_the_calibration():
    with Folder() as folder:
        config = Config(folder)
        config.change(DELAY_S, 45)
        config.profiles.calibrate((1, 2, 3), (4, 5, 6), False, None)
        whole = read(folder + "/settings.bin")
        for at in range(len(whole)):
            damaged = bytearray(whole)
            damaged[at] ^= 0x10
            write(folder + "/settings.bin", damaged)
            again = Config(folder)
            assert (again.settings, again.revision) == (DEFAULTS, 0)
            assert again.calibration_id == 1


def test_files_cut_short_or_filled_with_zeros_are_as_good_as_absent():
    with Folder() as folder:
        config = Config(folder)
        config.change(DELAY_S, 45)
        config.remember_fading(3)
        for name in ("/settings.bin", "/fading.bin"):
            whole = read(folder + name)
            for length in range(len(whole)):
                for content in (whole[:length], bytes(length)):
                    write(folder + name, content)
                    Config(folder)
        again = Config(folder)
        assert again.settings == DEFAULTS
        assert again.fading == 0


def test_a_setting_that_this_version_does_not_know_is_left_behind():
    with Folder() as folder:
        data = pack_settings(9, {200: 5, DELAY_S: 60})
        save(folder + "/settings.bin", data)
        config = Config(folder)
        assert config.revision == 9
        assert config.settings[DELAY_S] == 60
        assert 200 not in config.settings


def test_a_value_outside_the_range_of_this_version_becomes_the_default():
    with Folder() as folder:
        save(folder + "/settings.bin", pack_settings(9, {DELAY_S: -1}))
        assert Config(folder).settings[DELAY_S] == DEFAULTS[DELAY_S]


def test_what_a_driver_found_out_about_its_motor_is_remembered_unless_it_is_damaged():
    with Folder() as folder:
        config = Config(folder)
        assert config.motor_calibration is None
        config.remember_motor((11, 113, 2))
        assert Config(folder).motor_calibration == (11, 113, 2)
        make_folder(folder + "/motor.bin.new")  # in the way
        with raises(OSError):
            config.remember_motor((1, 2, 3))
        assert config.motor_calibration == Config(folder).motor_calibration == (11, 113, 2)
        write(folder + "/motor.bin", read(folder + "/motor.bin")[:-1])
        assert Config(folder).motor_calibration is None


def test_a_file_is_the_old_one_until_the_new_one_is_whole():
    with Folder() as folder:
        path = folder + "/it"
        save(path, b"old")
        write(path + ".new", b"half of the ne")  # the power went while this was written
        assert load(path) == b"old"
        save(path, b"newer")
        assert load(path) == b"newer"


def test_a_save_that_fails_leaves_the_old_file():
    with Folder() as folder:
        path = folder + "/it"
        save(path, b"old")
        make_folder(path + ".new")  # in the way
        with raises(OSError):
            save(path, b"new")
        assert load(path) == b"old"


def test_a_missing_file_is_none_and_an_empty_content_is_not():
    with Folder() as folder:
        assert load(folder + "/it") is None
        save(folder + "/it", b"")
        assert load(folder + "/it") == b""


def test_a_folder_is_made_once():
    with Folder() as folder:
        make_folder(folder + "/new")
        make_folder(folder + "/new")
        save(folder + "/new/it", b"1")
        remove(folder + "/new")
        assert load(folder + "/new/it") is None
