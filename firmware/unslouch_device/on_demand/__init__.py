"""Modules for rare requests, each loaded for one request and let go again, so that they take no memory in between.

`load("attempt")` reads the module attempt of this folder from flash and returns it. Its code is garbage as soon as
nothing refers to the module, its functions and its classes, so a caller keeps them in local variables only. A module
here keeps no state: the next request gets a new copy. It may import any other module; in a pack, those that no other
code imports come and go with it. Loading takes some ten milliseconds of a board's time.
"""

import sys

_FOLDER = "unslouch_device.on_demand"  # not __name__, which differs in a pack


class NotLoaded(MemoryError):
    """There is no room for a module, and nothing has happened: refuse what needed it, and try again another time."""


def load(name: str):
    """Return a module of this folder; raises NotLoaded."""
    full_name = _FOLDER + "." + name
    try:
        return __import__(full_name, None, None, (name,))
    except MemoryError:
        raise NotLoaded(name) from None  # MicroPython prints a warning where there is another
    finally:
        sys.modules.pop(full_name, None)  # also where the import failed: half a module would stay
        try:
            delattr(sys.modules[_FOLDER], name)
        except (AttributeError, KeyError):  # the import failed; the latter is MicroPython's
            pass
