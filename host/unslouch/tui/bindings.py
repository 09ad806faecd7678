"""Key bindings as one table: the footer, the help screen and the command palette are made from what a node declares.

Every binding has an id (`owner.action`, by which the settings file can give it another key), a short description and a
tooltip that says what it does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen


@dataclass(frozen=True)
class OfferedBinding:
    """A binding of a screen, of its focused widget or of the app, with the key that is active for it."""

    node: DOMNode
    """Where its action is looked up."""
    binding: Binding
    keys: tuple[str, ...]
    """As people read them."""
    enabled: bool


def binding(
    owner: str,
    key: str,
    action: str,
    description: str,
    tooltip: str,
    show: bool = True,
    *,
    name: str | None = None,
    key_display: str | None = None,
    priority: bool = False,
) -> Binding:
    """Return a binding with the id `owner.name`; the name is that of the action unless it is given.

    show: whether the footer lists it.
    """
    return Binding(
        key,
        action,
        description,
        show=show,
        key_display=key_display,
        priority=priority,
        tooltip=tooltip,
        id=f"{owner}.{action if name is None else name}",
    )


def offered_bindings(screen: Screen[object]) -> Iterator[OfferedBinding]:
    """Return the bindings that a screen, its focused widget and the app declare, each id once, the nearest first.

    Those whose action `check_action` hides are included, as not enabled.
    """
    keys: dict[str, list[str]] = {}
    first: dict[str, tuple[DOMNode, Binding]] = {}
    for node, bindings in screen._modal_binding_chain:
        for _, each in bindings:
            if each.id is not None:
                first.setdefault(each.id, (node, each))
                keys.setdefault(each.id, []).append(screen.app.get_key_display(each))
    for id, (node, each) in first.items():
        is_enabled = bool(screen.app._check_action_state(each.action, node))
        yield OfferedBinding(node, each, tuple(dict.fromkeys(keys[id])), is_enabled)


def nearest_help(node: DOMNode | None) -> str:
    """Return the `HELP` (Markdown) of a widget, or of the nearest container below the screen; empty if none has one."""
    while node is not None and not isinstance(node, Screen):
        if node.HELP:
            return node.HELP
        node = node.parent
    return ""
