"""Updates: the data of the replies to UPDATE_STATE and UPDATE_DATA."""

from .payloads import Payload

UPDATE_STATE_FORMAT = "<HBB12sIIIII"
OFFSET_FORMAT = "<I"  # UPDATE_DATA's reply, or with FLASH_FULL the free bytes

UPDATE_ON_TRIAL = 0x01  # the firmware hasn't shown yet that it works, and can't be replaced over a link
UPDATE_TAKEN_BACK = 0x02  # the last update over a link didn't show that it works, and the pack before it came back


class UpdateStateReply(Payload):
    """The data of UPDATE_STATE's reply: the firmware that the board runs, and what an earlier update has left."""

    FORMAT = UPDATE_STATE_FORMAT
    mpy: int  # sys.implementation._mpy: the version and the architecture of the compiled modules that it can import
    main_edition: int  # of its main.py
    flags: int  # UPDATE_…
    imu: bytes  # the driver of its motion sensor, padded with zeros
    active_bytes: int  # of the pack that runs
    active_crc: int  # CRC-32 of it
    held_bytes: int  # of the other pack, whatever it is
    held_crc: int
    free_bytes: int  # for a pack: those of the other pack count


class Offset(Payload):
    """The data of UPDATE_DATA's reply."""

    FORMAT = OFFSET_FORMAT
    offset: int  # of the first byte that has not arrived
