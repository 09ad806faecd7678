"""Prints the files in a board's flash, a line "PATH SHA256" for each file: micropython read_flash.py IMAGE BLOCKS."""
# ruff: noqa: PTH123, SIM115

import binascii
import hashlib
import os
import sys

import vfs

BLOCK_BYTES = 4096


class Flash:
    def __init__(self, file, blocks):
        self._file = file
        self._blocks = blocks

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        raise OSError(30)

    def ioctl(self, request, argument):
        return {4: self._blocks, 5: BLOCK_BYTES}.get(request, 0)


def show(path):
    for entry in os.ilistdir(path):
        name = path + "/" + entry[0]
        if entry[1] & 0x4000:
            show(name)
        else:
            with open(name, "rb") as file:
                content = file.read()
            print(name[len("/flash") :], binascii.hexlify(hashlib.sha256(content).digest()).decode())


vfs.mount(vfs.VfsLfs2(Flash(open(sys.argv[1], "rb"), int(sys.argv[2]))), "/flash")
show("/flash")
