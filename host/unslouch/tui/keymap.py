"""Which ids key bindings have, to check the keys that a settings file gives."""

import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module

from textual.binding import Binding
from textual.dom import DOMNode

import unslouch.tui
from unslouch.config.kinds import nearest
from unslouch.tui.modes import MODES

MODULES_WITHOUT_BINDINGS = ("unslouch.tui.terminal", "unslouch.tui.serving")
"""Drivers of this or another system, and the server, which needs packages that may not be there."""


def binding_ids() -> frozenset[str]:
    """Return the ids of all bindings of the dashboard's app, screens and widgets. Imports them all."""
    return frozenset(binding.id for binding in _bindings() if binding.id is not None) | {
        f"app.mode-{mode.id}" for mode in MODES
    }


def unknown_ids(ids: Iterable[str]) -> list[str]:
    """Return a sentence for each id that no binding has."""
    known = binding_ids()
    return [_sentence(id, known) for id in ids if id not in known]


def _sentence(id: str, known: frozenset[str]) -> str:
    near = nearest(id, known)
    meant = f"did you mean {near}?" if near else "the help screen (?) names the ids."
    return f"[dashboard] keys has {id!r}, which no key binding has; {meant}"


def _bindings() -> Iterator[Binding]:
    classes: set[type[DOMNode]] = set()
    for info in pkgutil.walk_packages(unslouch.tui.__path__, "unslouch.tui."):
        if info.name.startswith(MODULES_WITHOUT_BINDINGS):
            continue
        for _, each in inspect.getmembers(import_module(info.name), inspect.isclass):
            if issubclass(each, DOMNode) and each.__module__.startswith("unslouch.tui."):
                classes.add(each)
    for each in classes:
        yield from (binding for binding in each.__dict__.get("BINDINGS", ()) if isinstance(binding, Binding))
