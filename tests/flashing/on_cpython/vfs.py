"""MicroPython's vfs.mount() for CPython: modules are imported from a mounted filesystem under its mount point."""

import importlib.abc
import importlib.util
import sys


class _Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, filesystem, mount_point):
        self._filesystem = filesystem
        self._mount_point = mount_point

    def find_spec(self, fullname, path=None, target=None):
        if self._mount_point not in sys.path:
            return None
        base = "/" + fullname.replace(".", "/")
        for name, is_package in ((base + "/__init__.py", True), (base + ".py", False)):
            try:
                self._filesystem.stat(name)
            except OSError:
                continue
            return importlib.util.spec_from_loader(fullname, self, origin=name, is_package=is_package)
        return None

    def exec_module(self, module):
        source = b""
        file = self._filesystem.open(module.__spec__.origin, "rb")
        buffer = bytearray(file.ioctl(11, 0))
        while count := file.readinto(buffer):
            source += buffer[:count]
        file.ioctl(4, 0)
        exec(source, module.__dict__)


def mount(filesystem, mount_point):
    sys.meta_path.insert(0, _Importer(filesystem, mount_point))
