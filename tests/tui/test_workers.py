"""Workers of the dashboard: one that is cancelled before it begins leaves no coroutine that nobody awaits."""

import ast
import gc
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App

import unslouch.tui
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
