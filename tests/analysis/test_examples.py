"""The examples in the docstrings of the metrics, worked by hand, give what they say."""

import builtins
import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from unslouch.analysis import metrics

MODULES = [f"{metrics.__name__}.{module.name}" for module in pkgutil.iter_modules(metrics.__path__)]
WITH_EXAMPLES = {"seconds", "standing", "holding", "variation", "upright"}


@pytest.fixture(autouse=True)
def no_last_value() -> Iterator[None]:
    """Leave no `_` among the built-in names: doctest keeps each example's value there, as the prompt does."""
    yield
    vars(builtins).pop("_", None)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    failures, attempts = doctest.testmod(importlib.import_module(name))
    assert failures == 0
    assert attempts or name.rpartition(".")[2] not in WITH_EXAMPLES
