"""A NOR flash chip in memory, as a block device for MicroPython's LittleFS: it counts, and its power can be cut."""

BLOCK_BYTES = 4096
_ERASED = b"\xff" * BLOCK_BYTES
_BLOCK_COUNT, _BLOCK_SIZE, _BLOCK_ERASE = 4, 5, 6  # MicroPython's ioctl operations
_EIO = 5


class Counts:
    """What was asked of the chip so far."""

    def __init__(self):
        self.reads = self.read_bytes = self.programs = self.program_bytes = self.erases = 0

    def since(self, before):
        """Return (reads, read bytes, programs, programmed bytes, erases) since a copy() of before."""
        return tuple([now - then for now, then in zip(self.copy(), before)])

    def copy(self):
        return (self.reads, self.read_bytes, self.programs, self.program_bytes, self.erases)


class FlashChip:
    """Blocks of 4 KiB that are erased to ones and programmed to zeros.

    log: None, or a list to which each erase is added as (block,) and each program as (block, offset, bytes).
    """

    def __init__(self, blocks):
        self.blocks = blocks
        self.memory = bytearray(blocks * BLOCK_BYTES)
        for block in range(blocks):
            self.memory[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES] = _ERASED
        self.counts = Counts()
        self.wear = [0] * blocks  # erases
        self.log = None
        self._before = None  # the blocks as they were before a trial

    # What LittleFS calls, through a Power

    def read(self, block, buffer, offset):
        at = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.memory)[at : at + len(buffer)]
        self.counts.reads += 1
        self.counts.read_bytes += len(buffer)

    def program(self, block, data, offset):
        self._change(block)
        at = block * BLOCK_BYTES + offset
        size = len(data)
        if memoryview(self.memory)[at : at + size] == memoryview(_ERASED)[:size]:
            self.memory[at : at + size] = data
        else:
            for i in range(size):
                self.memory[at + i] &= data[i]
        self.counts.programs += 1
        self.counts.program_bytes += size
        if self.log is not None:
            self.log.append((block, offset, bytes(data)))

    def erase(self, block):
        self._change(block)
        self.memory[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES] = _ERASED
        self.counts.erases += 1
        self.wear[block] += 1
        if self.log is not None:
            self.log.append((block,))

    # Trials, which leave no trace

    def begin_trial(self):
        """Remember whatever block is changed from here on."""
        self._before = {}

    def end_trial(self):
        """Put back what was changed since begin_trial()."""
        for block, content in self._before.items():
            self.memory[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES] = content
        self._before = None

    def _change(self, block):
        if self._before is not None and block not in self._before:
            self._before[block] = bytes(memoryview(self.memory)[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES])

    # Operations that were not finished

    def repeat(self, operation):
        """Do a logged operation again."""
        if len(operation) == 1:
            self.erase(operation[0])
        else:
            block, offset, data = operation
            self.program(block, data, offset)

    def tear(self, operation, how):
        """Do as much of a logged operation as one of TEARS says."""
        self._change(operation[0])
        if len(operation) == 1:
            self._tear_erase(operation[0], how)
        else:
            self._tear_program(operation[0], operation[1], operation[2], how)

    def _tear_erase(self, block, how):
        at = block * BLOCK_BYTES
        end = at + BLOCK_BYTES
        if how == HALF:
            self.memory[at : at + BLOCK_BYTES // 2] = _ERASED[: BLOCK_BYTES // 2]
        elif how == ALL_BUT_ONE:
            self.memory[at : end - 1] = _ERASED[1:]
        elif how == GARBAGE:
            self.memory[at:end] = _noise(BLOCK_BYTES, block)

    def _tear_program(self, block, offset, data, how):
        at = block * BLOCK_BYTES + offset
        size = len(data)
        if how == HALF:
            self.memory[at : at + size // 2] = data[: size // 2]
        elif how == ALL_BUT_ONE:
            self.memory[at : at + size - 1] = data[: size - 1]
        elif how == GARBAGE:  # from the middle on, and beyond what was to be programmed
            end = min((block + 1) * BLOCK_BYTES, at + 2 * size)
            self.memory[at : at + size // 2] = data[: size // 2]
            self.memory[at + size // 2 : end] = _noise(end - at - size // 2, offset)


NOTHING, HALF, ALL_BUT_ONE, GARBAGE = TEARS = range(4)


def _noise(size, seed):
    noise = bytearray(size)
    state = seed * 2654435761 + 12345 & 0x3FFFFFFF
    for i in range(size):
        state = state * 1103515245 + 12345 & 0x3FFFFFFF
        noise[i] = state >> 16 & 0xFF
    return noise


class Power:
    """The block device of one boot: after so many more erases and programs the power is gone, the last one torn."""

    def __init__(self, chip, operations=None, how=NOTHING):
        """operations: None for as long as it takes."""
        self._chip = chip
        self._left = operations
        self._how = how
        self.gone = False

    def readblocks(self, block, buffer, offset=0):
        if self.gone:
            return -_EIO
        self._chip.read(block, buffer, offset)
        return 0

    def writeblocks(self, block, buffer, offset=0):
        if self._cut((block, offset, buffer)):
            return -_EIO
        self._chip.program(block, buffer, offset)
        return 0

    def ioctl(self, operation, argument):
        if operation == _BLOCK_COUNT:
            return self._chip.blocks
        if operation == _BLOCK_SIZE:
            return BLOCK_BYTES
        if operation == _BLOCK_ERASE:
            if self._cut((argument,)):
                return -_EIO
            self._chip.erase(argument)
        return 0

    def _cut(self, operation):
        if not self.gone and self._left is not None:
            if not self._left:
                self.gone = True
                self._chip.tear(operation, self._how)
            else:
                self._left -= 1
        return self.gone
