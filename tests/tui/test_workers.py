"""Nothing in the dashboard leaves a coroutine that nobody awaits: no worker, and no message of another thread."""

import ast
import asyncio
import gc
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

import unslouch.tui
from unslouch.tui.terminal.frame_driver import FrameDriver
from unslouch.tui.terminal.frame_writer import Output
from unslouch.tui.terminal.messages import TerminalLost
from unslouch.tui.workers import run_beside, run_latest

TUI = Path(unslouch.tui.__file__).parent


@pytest.mark.parametrize("run", [run_beside, run_latest])
async def test_a_worker_that_is_cancelled_before_it_begins_leaves_nothing_unawaited(run: Callable[..., object]) -> None:
    begun = []

    async def work(name: str) -> None:
        begun.append(name)

    app: App[None] = App()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with app.run_test() as pilot:
            run(app, work, "cancelled", group="work")
            app.workers.cancel_all()
            run(app, work, "second", group="work")
            await pilot.pause()
        gc.collect()
    assert begun == ["second"]
    assert [str(each.message) for each in caught if "never awaited" in str(each.message)] == []


def test_all_workers_are_started_by_the_module_for_it() -> None:
    starts = [
        f"{path.name}:{node.lineno}"
        for path in TUI.rglob("*.py")
        if path.name != "workers.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "run_worker"
    ]
    assert starts == []


class WithoutTerminal(FrameDriver, HeadlessDriver):
    def _open_output(self) -> Output:
        raise NotImplementedError


def test_a_message_of_another_thread_leaves_nothing_unawaited_once_the_event_loop_has_ended() -> None:
    async def driver_of(app: App[None]) -> WithoutTerminal:
        return WithoutTerminal(app)

    driver = asyncio.run(driver_of(App()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        driver.send_message(TerminalLost())
        gc.collect()
    assert [str(each.message) for each in caught] == []
