"""Makes a board's flash out of the files in a folder: micropython write_flash.py IMAGE BLOCKS FOLDER."""
# ruff: noqa: PTH123, PTH208

import os
import sys

import vfs

BLOCK_BYTES = 4096
IMAGE, BLOCKS, FOLDER = sys.argv[1], int(sys.argv[2]), sys.argv[3]


class Flash:
    """A block device in a file."""

    def __init__(self, file):
        self._file = file

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(buffer)

    def ioctl(self, request, argument):
        return {4: BLOCKS, 5: BLOCK_BYTES}.get(request, 0)


with open(IMAGE, "wb") as image:
    for _ in range(BLOCKS):
        image.write(b"\xff" * BLOCK_BYTES)
with open(IMAGE, "r+b") as image:
    flash = Flash(image)
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), "/flash")
    for name in os.listdir(FOLDER):
        with open(FOLDER + "/" + name, "rb") as source, open("/flash/" + name, "wb") as target:
            target.write(source.read())
    vfs.umount("/flash")
