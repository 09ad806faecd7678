"""Writes the files of a baseline: databases, journal pages, and what `export` makes of them.

    python tests/baseline/make_baseline.py tests/baseline/schema_2

Run it once for each released schema, with the release that writes it: later releases must open what it wrote. It
refuses a folder that exists already, because a baseline that later code has written proves nothing. The list of paired
sensors, `sensors.json`, is added by hand: pair two sensors, one of them simulated, and copy the file.
"""

import argparse
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from baseline.exports import EXPORTS, exported
from journals import JournalBuilder
from unslouch.store import Sensor, Store
from unslouch_device.contract import records, settings, states

EIGHT_MS = int(datetime(2025, 3, 14, 8, tzinfo=UTC).timestamp() * 1000)
SUMMER_TIME_MS = int(datetime(2025, 3, 30, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000
CLOCK_SET_MS = EIGHT_MS + 48 * HOUR_MS

FIRST_SENSOR, SECOND_SENSOR, WITHOUT_A_CLOCK, SIMULATED = 0x0A11CE, 0x0B0B, 0xDEAD, 0x51
UNKNOWN_EVENT = 0x7E


def first_sensor() -> JournalBuilder:
    """A journal with every event, every state, lost records and a boot that no host met."""
    journal = JournalBuilder(FIRST_SENSOR)
    journal.calibration_id = 0
    journal.start_boot().clock(EIGHT_MS, 4).epochs(states.UNCALIBRATED, 2)
    journal.name_profile(1, "Büro".encode()).event(records.PAIRING, 120)
    journal.calibrate(3, records.CALIBRATED_BOW, profile=1).event(records.STANDING_ZERO, 3, -850, 50)
    journal.event(records.PROFILE_SELECTED, 1, 3).event(records.SETTING_CHANGED, settings.DELAY_S, 40, 2)
    journal.settings_revision = 2
    journal.epochs(states.UPRIGHT, 14).slouch().epochs(states.MOVING, 6).epochs(states.RECLINED, 3)
    journal.epochs(states.UPRIGHT, 2, flags=records.EPOCH_SNOOZED | records.EPOCH_PARTIAL, forward_cdeg=-50)
    journal.event(records.SNOOZED, 10).event(records.BUTTON, 2).event(records.BUZZED)
    journal.epochs(states.LYING, 4).epochs(states.UPRIGHT, 3, flags=records.EPOCH_TRACKING_ONLY)
    journal.event(records.SENSOR_MOVED, 1600, 350, 1).event(records.DELAY_ADAPTED, 60, records.ADAPTED_LONGER)
    journal.slouch(6, 3).epochs(states.UPRIGHT, 2, flags=records.EPOCH_SATURATED, forward_cdeg=3105)
    journal.event(records.SAMPLES_LOST, 2300).wait(2300).epochs(states.UPRIGHT, 4)
    late_alert(journal)
    journal.lose(20).wait(100_000).epochs(states.UPRIGHT, 5)
    journal.off_body(600_000, noticed_after_ms=20_000).epochs(states.UPRIGHT, 3)
    journal.event(records.BATTERY, 3900, 70).event(records.BATTERY_LOW, records.BATTERY_WARNING, 3500, 12)
    journal.event(records.BUS_FAILED, 5, 3).event(records.BUS_RECOVERED, 900).event(records.MOTOR_FAILED, 2)
    journal.event(records.HOST_REFUSED, records.REFUSED_NO_BOND, 1)
    journal.damaged(UNKNOWN_EVENT, journal.uptime_ms.to_bytes(4, "little") + bytes(range(7)))
    journal.charging(HOUR_MS // 2).clock(EIGHT_MS + journal.uptime_ms + 100).epochs(states.LEANING, 4)
    journal.event(records.CRASHED, records.CRASH_MEMORY, records.TASK_LINK, 1, 0xC0FFEE)
    journal.start_boot(records.BOOT_WATCHDOG).epochs(states.UPRIGHT, 6).event(records.ERASED)
    journal.start_boot(records.BOOT_HARD_RESET).epochs(states.UPRIGHT, 2).clock(EIGHT_MS + 5 * HOUR_MS)
    journal.epochs(states.UPRIGHT, 4).slouch(3, 2, alerts=0)
    journal.event(records.SLOUCH_STARTED, journal.uptime_ms, 2200).event(records.ALERT, 2300, 1, settings.BUDGET_MODE)
    journal.epochs(states.SLOUCHING, 2)
    journal.start_boot().clock(SUMMER_TIME_MS, 8).calibrate(4, records.CALIBRATED_REZERO, profile=1)
    return journal.epochs(states.UPRIGHT, 20).off_body(2 * HOUR_MS).epochs(states.UPRIGHT, 10)


def late_alert(journal: JournalBuilder) -> None:
    """A slouch with an alert that is corrected too late, and one that is interrupted."""
    onset_ms = journal.uptime_ms
    journal.epochs(states.LEANING, 8).event(records.SLOUCH_STARTED, onset_ms, 2500)
    journal.event(records.ALERT, 2500, 1, settings.DELAY_MODE).epochs(states.SLOUCHING, 6)
    journal.event(records.ALERT_MISSED, 1, records.MISSED_LATE).epochs(states.SLOUCHING, 3)
    journal.event(records.CORRECTED, 45_000).event(records.SLOUCH_ENDED, 2912, 2433, 85, 1).epochs(states.UPRIGHT, 3)
    onset_ms = journal.uptime_ms
    journal.epochs(states.LEANING, 8).event(records.SLOUCH_STARTED, onset_ms, 2500)
    journal.event(records.ALERT, 2500, 1, settings.DELAY_MODE).epochs(states.SLOUCHING, 2)
    journal.event(records.SLOUCH_ENDED, 2700, 2400, 50, 1)
    journal.event(records.ALERT_MISSED, 1, records.MISSED_INTERRUPTED).epochs(states.MOVING, 4)


def second_sensor() -> JournalBuilder:
    """A second sensor, worn for a while at the same time as the first; two days later a host's clock is set."""
    journal = JournalBuilder(SECOND_SENSOR, first_sequence=400).start_boot().clock(EIGHT_MS + 60_000)
    journal.epochs(states.UPRIGHT, 5).epochs(states.MOVING, 3).start_boot().clock(CLOCK_SET_MS)
    journal.epochs(states.UPRIGHT, 30).clock(CLOCK_SET_MS + 17 * HOUR_MS)
    return journal.epochs(states.UPRIGHT, 30)


def without_a_clock() -> JournalBuilder:
    """A sensor that no host ever met, so that its records belong to no day."""
    return JournalBuilder(WITHOUT_A_CLOCK).start_boot().epochs(states.UPRIGHT, 9)


def simulated_sensor() -> JournalBuilder:
    """A simulated wearer's quarter of an hour."""
    journal = JournalBuilder(SIMULATED).start_boot().clock(EIGHT_MS)
    journal.epochs(states.UPRIGHT, 100).slouch().epochs(states.MOVING, 40).epochs(states.RECLINED, 20)
    return journal.clock(EIGHT_MS + journal.uptime_ms)


def wearer_pages() -> list[bytes]:
    """The pages of the wearer's database, in the order in which they are stored."""
    return [page for journal in (first_sensor(), second_sensor(), without_a_clock()) for page in journal.pages()]


def main() -> None:
    """Write a baseline into a new folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    folder.mkdir()
    with Store.open(folder / "wearer.db", simulated=False) as store:
        store.add_gap(SECOND_SENSOR, 0, 400)
        store.add_pages(wearer_pages())
        store.add_sensor(Sensor(FIRST_SENSOR, "00112233aabb", "XIAO ESP32-S3", "0.1.0"))
        store.add_sensor(Sensor(SECOND_SENSOR, "44556677ccdd", "M5StickC Plus2", "0.1.0"))
    with Store.open(folder / "simulated.db", simulated=True) as store:
        store.add_pages(simulated_sensor().pages())
        store.add_sensor(Sensor(SIMULATED, "5117", "simulated", "0.1.0"))
    (folder / "wearer.pages").write_bytes(b"".join(wearer_pages()))
    with tempfile.TemporaryDirectory() as copies:
        for database in ("wearer.db", "simulated.db"):
            shutil.copy(folder / database, copies)
        for name in EXPORTS:
            (folder / name).write_bytes(exported(Path(copies), name))


if __name__ == "__main__":
    main()
