"""The examples in the metrics' modules, worked by hand, give what they say, and every metric has one."""

import ast
import builtins
import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType

import pytest

from analysis import metric_examples
from unslouch.analysis import metrics
from unslouch.analysis.metrics.registry import DISTRIBUTIONS, METRICS

MODULES = [f"{metrics.__name__}.{module.name}" for module in pkgutil.iter_modules(metrics.__path__)]
WITH_EXAMPLES_OF_FUNCTIONS = {"seconds", "standing", "holding", "variation", "upright"}


@pytest.fixture(autouse=True)
def no_last_value() -> Iterator[None]:
    """Leave no `_` among the built-in names: doctest keeps each example's value there, as the prompt does."""
    yield
    vars(builtins).pop("_", None)


def examples_of_metrics(module: ModuleType) -> Iterator[tuple[str, int, str]]:
    """Yield (name, line, docstring) for each docstring of a variable, which the interpreter doesn't keep."""
    body = ast.parse(inspect.getsource(module)).body
    for assigned, following in pairwise(body):
        if isinstance(assigned, ast.Assign) and isinstance(following, ast.Expr):
            text = following.value.value if isinstance(following.value, ast.Constant) else None
            if isinstance(text, str) and ">>>" in text:
                yield ast.unparse(assigned.targets[0]), following.lineno - 1, text


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_s_functions_hold(name: str) -> None:
    failures, attempts = doctest.testmod(importlib.import_module(name))
    assert failures == 0
    assert attempts or name.rpartition(".")[2] not in WITH_EXAMPLES_OF_FUNCTIONS


def test_the_examples_of_the_metrics_hold_and_every_metric_has_one() -> None:
    metric_examples.shown.clear()
    runner, parser = doctest.DocTestRunner(), doctest.DocTestParser()
    for module in map(importlib.import_module, MODULES):
        for name, line, text in examples_of_metrics(module):
            names = {**vars(module), **metric_examples.NAMES}
            runner.run(parser.get_doctest(text, names, f"{module.__name__}.{name}", module.__file__, line))
    assert runner.summarize(verbose=False).failed == 0
    without = {metric.name for metric in METRICS} | {each.name for each in DISTRIBUTIONS}
    assert without - metric_examples.shown == set()
