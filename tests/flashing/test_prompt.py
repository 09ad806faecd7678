"""mpremote talks to MicroPython's real prompt, and every failure is a sentence."""

import inspect
import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from interpreters import MICROPYTHON_WASM
from requirement import require
from unslouch.errors import NoSensor, NotOurs
from unslouch.flashing import install as installing
from unslouch.flashing.errors import BoardError
from unslouch.flashing.install import Options, install, on_board_source
from unslouch.flashing.prompt import Prompt
from unslouch.flashing.timing import Timing

from .bench import WasmBoard
from .conftest import Messages


@pytest.fixture
def board(tmp_path: Path) -> Iterator[WasmBoard]:
    require(MICROPYTHON_WASM.missing())
    made = WasmBoard(tmp_path)
    made.plug_in()
    yield made
    made.unplug()


@pytest.fixture
def prompt(board: WasmBoard) -> Iterator[Prompt]:
    with Prompt(board.port) as opened:
        opened.enter()
        yield opened


def test_mpremote_still_has_the_calls_that_are_used() -> None:
    from mpremote.transport_serial import SerialTransport

    for name, parameters in {
        "enter_raw_repl": {"soft_reset", "timeout_overall"},
        "exec_raw": {"command", "timeout"},
        "exec_raw_no_follow": {"command"},
        "close": set(),
    }.items():
        assert parameters <= inspect.signature(getattr(SerialTransport, name)).parameters.keys()


def test_code_runs_and_values_come_back(prompt: Prompt) -> None:
    prompt.run("x = 20")
    assert prompt.ask("print((x + 1, b'\\x04'))") == (21, b"\x04")


def test_garbled_code_is_sent_again(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    exec_raw = prompt._transport.exec_raw

    def garble(code: str, timeout: float) -> tuple[bytes, bytes]:
        sent.append(code)
        return exec_raw(code[:-1] if len(sent) == 1 else code, timeout=timeout)

    monkeypatch.setattr(prompt._transport, "exec_raw", garble)
    assert prompt.ask("print((1, 2))") == (1, 2)
    assert len(sent) == 2
    with pytest.raises(BoardError, match="SyntaxError"):
        prompt.run("1 +")
    assert len(sent) == 5


def test_an_exception_on_the_board_becomes_one_here(prompt: Prompt) -> None:
    with pytest.raises(BoardError, match="ZeroDivisionError") as caught:
        prompt.run("1 // 0")
    assert caught.value.errno is None
    with pytest.raises(BoardError) as caught:
        prompt.run("raise OSError(28)")
    assert caught.value.errno == 28
    assert prompt.ask("print(1)") == 1


def test_an_answer_that_is_no_value_gets_a_sentence(prompt: Prompt) -> None:
    with pytest.raises(BoardError, match="something unexpected"):
        prompt.ask("print('this is no literal')")


def test_files_are_written_read_and_removed_on_the_board(prompt: Prompt) -> None:
    prompt.run(on_board_source())
    prompt.run("replace('/note', 'first line\\nsecond')")
    assert prompt.ask("edition('/note', b'first line')") == 0
    assert prompt.ask("edition('/note', b'second')") is None
    prompt.run("os.mkdir('/d')\nos.mkdir('/d/e')\nreplace('/d/e/f', '')\nremove('/d')\nremove('/none')")
    assert prompt.ask("print(sorted(e[0] for e in os.ilistdir('/') if e[0] in ('d', 'note', 'note.new')))") == ["note"]
    prompt.run("begin('/copy', False)\nput(b'QUJD')\ncopy('/note', 6, 4)\nfinish()")
    assert (
        prompt.ask("print(open('/copy').read())\n".replace("print(", "print(repr(").replace("())", "()))")) == "ABCline"
    )


def test_a_pulled_cable_is_a_sentence(board: WasmBoard, prompt: Prompt) -> None:
    board.unplug()
    with pytest.raises(NoSensor, match="was unplugged or stopped answering; check the cable and repeat"):
        prompt.run("print(1)")


def test_a_port_that_says_nothing_has_no_prompt() -> None:
    timing = Timing(prompt_s=0.2, command_s=0.2, hello_s=0.3)
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        with pytest.raises(
            NotOurs, match=r"no MicroPython prompt; press .* reset .*ESP32_GENERIC_S3.*--micropython FILE"
        ):
            install(Options(port=os.ttyname(slave), board="xiao_esp32s3", timing=timing), Messages())
    finally:
        os.close(slave)
        os.close(master)


def test_firmware_is_installed_through_micropythons_own_prompt_in_two_attempts(
    board: WasmBoard, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = Options(port=board.port, board="xiao_esp32s3", timing=Timing(restart_s=0.5))  # the app can't run there
    sent = installing._Installation._send

    def cut(installation: object, part: object, total: int) -> None:
        board.cut_in(30_000)
        sent(installation, part, total)

    monkeypatch.setattr(installing._Installation, "_send", cut)
    with pytest.raises(NoSensor, match="check the cable"):
        install(options, messages)
    board.unplug()
    assert "/slot" not in board.files()
    assert "/main.py" not in board.files()
    monkeypatch.setattr(installing._Installation, "_send", sent)
    board.plug_in()
    with pytest.raises(NotOurs, match="is installed, but no sensor answers"):
        install(options, messages)
    board.unplug()
    assert {"/a.pack", "/main.py", "/slot"} <= board.files().keys()
