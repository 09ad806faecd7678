"""Whether a camera or a microphone is in use, over trees of /proc that tests make."""

import json
from pathlib import Path

import pytest

from unslouch.sensor.device_use import is_camera_in_use, is_microphone_in_use, is_sound_recorded


def process(root: Path, pid: str, *opened: str) -> None:
    (root / "dev").mkdir(exist_ok=True)
    (root / "dev" / "video0").touch()
    folder = root / "proc" / pid / "fd"
    folder.mkdir(parents=True)
    for number, path in enumerate(opened):
        (folder / str(number)).symlink_to(path)


def capture_stream(root: Path, name: str, status: str) -> None:
    folder = root / "proc" / "asound" / "card0" / name / "sub0"
    folder.mkdir(parents=True)
    (folder / "status").write_text(status, encoding="ascii")


def test_a_process_with_a_video_device_open_uses_the_camera(tmp_path: Path) -> None:
    process(tmp_path, "100", "/dev/null", "/dev/video", "/dev/videos/video0", "pipe:[123]")
    process(tmp_path, "self", "/dev/video0")  # the same as a numbered one, which would count by itself
    assert not is_camera_in_use(tmp_path)
    process(tmp_path, "200", "/dev/null", "/dev/video2")
    assert is_camera_in_use(tmp_path)


def test_processes_that_end_or_are_closed_to_this_user_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "proc" / "300").mkdir(parents=True)  # no fd
    (tmp_path / "proc" / "301" / "fd").mkdir(parents=True)
    (tmp_path / "proc" / "301" / "fd" / "0").write_text("no link", encoding="ascii")
    process(tmp_path, "302", "/dev/null")
    assert not is_camera_in_use(tmp_path)
    assert not is_camera_in_use(tmp_path / "missing")


@pytest.mark.parametrize(
    ("name", "status", "is_used"),
    [
        ("pcm0c", "state: RUNNING\nowner_pid   : 812\ntrigger_time: 5.1\n", True),
        ("pcm0c", "closed\n", False),
        ("pcm0c", "state: PREPARED\nowner_pid   : 812\n", False),
        ("pcm0p", "state: RUNNING\nowner_pid   : 812\n", False),  # playback
    ],
)
def test_a_capture_stream_that_runs_uses_the_microphone(tmp_path: Path, name: str, status: str, is_used: bool) -> None:
    capture_stream(tmp_path, name, status)
    assert is_microphone_in_use(tmp_path) is is_used


def test_without_sound_cards_no_microphone_is_in_use(tmp_path: Path) -> None:
    assert not is_microphone_in_use(tmp_path)


def stream(name: str, corked: bool = False) -> dict[str, object]:
    return {"index": 7, "corked": corked, "properties": {"media.name": name}}


@pytest.mark.parametrize(
    ("listing", "is_recorded"),
    [
        ("", False),
        ("[]", False),
        ("Connection failure: Connection refused\n", False),
        (json.dumps([stream("AudioStream")]), True),
        (json.dumps([stream("AudioStream", corked=True)]), False),
        (json.dumps([stream("Peak detect")]), False),
        (json.dumps([stream("Peak detect"), stream("recStream")]), True),
        (json.dumps({"index": 7}), False),
        (json.dumps([{"index": 7}]), True),
    ],
)
def test_a_stream_that_records_counts_unless_it_is_paused_or_a_level_meter(listing: str, is_recorded: bool) -> None:
    assert is_sound_recorded(listing) is is_recorded
