"""Rules for every test: it leaves nothing running, and never touches the user's own data."""

import gc
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from hypothesis import settings

from requirement import require

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GRACE_S = 5  # for what is on its way out already
XDG_DIRECTORIES = {
    "XDG_CACHE_HOME": ".cache",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_RUNTIME_DIR": ".run",
    "XDG_STATE_HOME": ".local/state",
}

if hasattr(signal, "SIGHUP"):  # ignored where nohup started the tests, and then by every command that they start
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile("busy machine", deadline=None)  # a test may wait for its turn however short it is
settings.load_profile("busy machine")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run three tests for every two cores: a third of the suite's time is spent waiting for other processes."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among the modules: that takes an eighth of the suite's time."""
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def no_handler_of_ours_stays() -> Iterator[None]:
    """A command that a test runs in this process begins to log; what follows must not go to its streams."""
    yield
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if type(handler).__module__.startswith("unslouch."):
            root.removeHandler(handler)


@pytest.fixture
def shared_data() -> Path:
    """The recordings of people, which may not be copied into the project."""
    require(None if SHARED_DATA.is_dir() else f"the recordings of people aren't here: {SHARED_DATA} doesn't exist")
    return SHARED_DATA


@pytest.fixture(scope="session")
def machine_environment() -> dict[str, str]:
    """The environment as it was before `home`: for tools that need the machine's own settings, such as pip."""
    return dict(os.environ)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, machine_environment: dict[str, str]) -> Iterator[Path]:
    """A home of the tests' own, for this process and for whatever it starts."""
    directory = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in machine_environment:
            if name.startswith("UNSLOUCH"):
                patch.delenv(name)
        for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
            patch.setenv(name, str(directory))
        for name, below in XDG_DIRECTORIES.items():
            (directory / below).mkdir(parents=True, exist_ok=True, mode=0o700)
            patch.setenv(name, str(directory / below))
        yield directory


@pytest.fixture(scope="module", autouse=True)
def no_sensor_stays_paired(home: Path) -> Iterator[None]:
    """What one module has paired, another must not find."""
    yield
    for path in (*home.rglob("sensors.json"), *home.rglob("sleeping.json")):
        path.unlink()


@pytest.fixture(scope="session", autouse=True)
def session_leaves_nothing_running(home: Path) -> Iterator[None]:
    with nothing_left_running("the tests"):
        yield


@pytest.fixture(scope="module", autouse=True)
def module_leaves_nothing_running(request: pytest.FixtureRequest) -> Iterator[None]:
    with nothing_left_running(request.module.__name__):
        yield


@contextmanager
def nothing_left_running(who: str) -> Iterator[None]:
    """Fail if a process or a non-daemon thread started in this context outlives it; end the processes."""
    processes_before, threads_before = set(children()), set(threading.enumerate())
    yield
    _, processes = psutil.wait_procs(set(children()) - processes_before, timeout=GRACE_S)
    described = [f"process {process.pid}: {command_line(process)}" for process in processes]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=GRACE_S)
    for thread in set(threading.enumerate()) - threads_before:
        if not thread.daemon:
            thread.join(timeout=GRACE_S)
            described += [f"thread {thread.name}"] if thread.is_alive() else []
    if described:
        pytest.fail(f"{who} left behind: {'; '.join(described)}", pytrace=False)


def children() -> list[psutil.Process]:
    """The processes below this one, except multiprocessing's own tracker, which lives as long as this one does."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if "multiprocessing.resource_tracker" not in command_line(process)]


def command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:200]
    except psutil.Error as error:
        return type(error).__name__
