"""A folder of the test's own to stand for the board's flash, on any interpreter."""

import os

try:
    from tempfile import mkdtemp
except ImportError:
    mkdtemp = None


class Folder:
    """`with Folder() as path:` makes an empty folder and removes it, with all that is in it, at the end."""

    _count = 0

    def __enter__(self):
        self.path = mkdtemp().replace("\\", "/") if mkdtemp else self._make()
        return self.path

    def __exit__(self, kind, error, traceback):
        remove(self.path)

    def _make(self):
        while True:
            Folder._count += 1
            path = "/tmp/unslouch-%d" % Folder._count
            try:
                os.mkdir(path)
            except OSError:
                continue
            return path


def remove(path):
    """Remove a file or a folder with all that is in it; it may be missing."""
    try:
        mode = os.stat(path)[0]
    except OSError:
        return
    if mode & 0x4000:  # a folder
        for name in os.listdir(path):
            remove(path + "/" + name)
        os.rmdir(path)
    else:
        os.remove(path)


def read(path):
    """Return a file's bytes."""
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    """Replace a file's bytes."""
    with open(path, "wb") as file:
        file.write(data)
