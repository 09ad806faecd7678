"""Compares the host's records with those that the firmware made and with the rest in flash, one by one."""

import struct
from pathlib import Path

from unslouch.store import Store
from unslouch_device.contract.pages import unpack_page
from unslouch_device.contract.records import RECORD_BYTES
from unslouch_device.journal import Journal

_NAME = struct.Struct("<II")  # journal, sequence
_CAPACITY_BYTES = 1 << 30  # the journal is only read

Truth = dict[tuple[int, int], bytes]


class Differs(Exception):
    """The two are not equal."""


def read_truth(path: Path) -> Truth:
    """Return every record that was made; of several under one name the last: power cuts took the others."""
    size = _NAME.size + RECORD_BYTES
    data = path.read_bytes()
    return {
        _NAME.unpack_from(data, at): data[at + _NAME.size : at + size] for at in range(0, len(data) - size + 1, size)
    }


def compare(database: Path, folder: Path, truth: Truth) -> dict[str, int]:
    """Return the numbers of records stored, of journals, of records known to be lost, and of records still in flash.

    Raises Differs.
    """
    with Store.open(database, simulated=True, readonly=True) as store:
        journals = store.journals()
        gone = sum(_compare_stored(store, journal, truth) for journal in journals)
        held = _compare_held(store, Journal(str(folder), _CAPACITY_BYTES, 1))
        return {"records": store.records(), "journals": len(journals), "gone": gone, "held": held}


def _compare_stored(store: Store, journal: int, truth: Truth) -> int:
    """Compare one journal's pages with the records as they were made; return how many it knows to be lost."""
    gone = {at for first, after in store.gaps(journal) for at in range(first, after)}
    following = 0
    for data in store.pages(journal):
        page = unpack_page(data)
        if missing := set(range(following, page.first_sequence)) - gone:
            raise Differs(f"journal {journal:08x}: {len(missing)} records from {min(missing)} on are missing")
        for i in range(page.next_sequence - page.first_sequence):
            name = (journal, page.first_sequence + i)
            record = page.records[i * RECORD_BYTES : (i + 1) * RECORD_BYTES]
            if truth.get(name) != record:
                raise Differs(f"journal {journal:08x}: record {name[1]} is not stored as it was made")
            if name[1] in gone:
                raise Differs(f"journal {journal:08x}: record {name[1]} is stored and said to be gone")
        following = page.next_sequence
    return len(gone)


def _compare_held(store: Store, journal: Journal) -> int:
    """Compare the pages in flash with those stored; return how many records they hold."""
    if store.cursor(journal.id) != journal.flushed_sequence:
        raise Differs(f"the journal ends at {journal.flushed_sequence}, its store at {store.cursor(journal.id)}")
    late = [gap for gap in store.gaps(journal.id) if gap[1] > journal.oldest_sequence]
    if late:
        raise Differs(f"records {late} are said to be gone, and the journal holds them")
    stored = {unpack_page(data).first_sequence: data for data in store.pages(journal.id)}
    sequence = journal.oldest_sequence
    while (page := journal.read_page(sequence)) is not None:
        if stored.get(unpack_page(page).first_sequence) != page:
            raise Differs(f"the page from record {sequence} on is not stored as the journal holds it")
        sequence = unpack_page(page).next_sequence
    if sequence != journal.flushed_sequence:
        raise Differs(f"the journal can be read up to {sequence}, not to {journal.flushed_sequence}")
    return int(sequence - journal.oldest_sequence)
