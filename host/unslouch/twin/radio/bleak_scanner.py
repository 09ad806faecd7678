"""A scanner for bleak for the simulated air: give scanner_on() to BleakScanner as its backend."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

from .central import Central, name_of

_SERVICES: Final = (
    AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)
_SERVICE_DATA: Final = (AdvertisingData.Type.SERVICE_DATA_16_BIT_UUID, AdvertisingData.Type.SERVICE_DATA_128_BIT_UUID)
_NAMES: Final = (AdvertisingData.Type.COMPLETE_LOCAL_NAME, AdvertisingData.Type.SHORTENED_LOCAL_NAME)


class RadioScanner(BaseBleakScanner):
    """Reports each advertisement; a bonded device under its own address, as operating systems do."""

    central: ClassVar[Central]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: Literal["active", "passive"] = "active",
        **kwargs: object,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._active = scanning_mode == "active"

    async def start(self) -> None:
        self.central.check()
        self.seen_devices = {}
        self.central.device.on("advertisement", self._heard)
        await self.central.start_scan(self._active)

    async def stop(self) -> None:
        self.central.device.remove_listener("advertisement", self._heard)
        await self.central.stop_scan()

    def _heard(self, advertisement: Advertisement) -> None:
        data = _data_of(advertisement)
        identity = self.central.identity_of(advertisement.address)
        name = name_of(identity)
        self.central.known[name] = advertisement.address
        if self.is_allowed_uuid(data.service_uuids):
            shown = data.local_name or name.replace(":", "-")
            device = self.create_or_update_device(name, name, shown, {"identity": identity}, data)
            self.call_detection_callbacks(device, data)


def scanner_on(central: Central) -> type[BaseBleakScanner]:
    """The backend for a BleakScanner that listens with this adapter."""
    return type("RadioScannerOnAdapter", (RadioScanner,), {"central": central})


def uuid_text(uuid: UUID) -> str:
    """A UUID as bleak writes it."""
    return normalize_uuid_str(uuid.to_hex_str("-") if len(uuid.uuid_bytes) > 4 else uuid.to_hex_str())


def _data_of(advertisement: Advertisement) -> AdvertisementData:
    data = advertisement.data
    names = [data.get(kind) for kind in _NAMES]
    return AdvertisementData(
        local_name=next((str(name) for name in names if name), None),
        manufacturer_data={
            company: bytes(value) for company, value in data.get_all(AdvertisingData.Type.MANUFACTURER_SPECIFIC_DATA)
        },
        service_data={uuid_text(uuid): bytes(value) for kind in _SERVICE_DATA for uuid, value in data.get_all(kind)},
        service_uuids=[uuid_text(uuid) for kind in _SERVICES for uuid in data.get(kind) or ()],
        tx_power=data.get(AdvertisingData.Type.TX_POWER_LEVEL),
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )
