"""Files that the board already has are copied there, and only the rest is sent."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from unslouch.flashing.pack import Pack, packed
from unslouch.flashing.plan import Plan
from unslouch.flashing.slots import Slots

NAMES = st.text("abc/", min_size=1, max_size=4)
FILES = st.dictionaries(NAMES, st.binary(min_size=1, max_size=30), min_size=1, max_size=6)


def contents(pack: Pack) -> dict[str, tuple[str, int]]:
    return {member.digest: ("/a.pack", member.offset) for member in pack.members}


@given(FILES, FILES, st.integers(0, 400))
def test_the_parts_make_the_pack_whatever_the_board_already_has(
    old: dict[str, bytes], new: dict[str, bytes], resume_bytes: int
) -> None:
    before, wanted = packed(old), packed(new | dict(list(old.items())[:2]))
    resume_bytes = min(resume_bytes, len(wanted.data))
    plan = Plan(Slots("a", "b", None), wanted, contents(before), resume_bytes, installed=False)
    made = wanted.data[:resume_bytes]
    sent = 0
    for part in plan.parts():
        assert part.offset == len(made)
        if part.holder is None:
            made += part.data
            sent += part.size
        else:
            made += before.data[part.holder_offset : part.holder_offset + part.size]
    assert made == wanted.data
    assert sent == plan.bytes_to_send


def test_neighbours_on_the_board_are_copied_at_once() -> None:
    files = {name: name.encode() * 9 for name in "abcdef"}
    plan = Plan(Slots("a", "b", None), packed(files | {"c": b"new"}), contents(packed(files)), 0, installed=False)
    assert [(part.holder is None, part.size) for part in plan.parts()] == [
        (True, len(plan.pack.head)),
        (False, 18),
        (True, 3),
        (False, 27),
    ]


def test_a_pack_is_an_index_and_the_files_in_order() -> None:
    pack = packed({"b": b"22", "a": b"1"})
    assert pack.data == b"12\na 0 1\nb 1 2\n122"
    assert pack.data[pack.members[1].offset :] == b"22"
    assert pack.digest == sha256(pack.data).hexdigest()
