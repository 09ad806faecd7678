"""The contents of the virtual machine: archives, modules in order, and bytecode that needs no times."""

import io
import marshal
from pathlib import Path

from bluez.bytecode import compiled
from bluez.cpio import Archive
from bluez.modules import in_loading_order


def unpacked(data: bytes) -> dict[str, tuple[int, bytes]]:
    """(mode, content) by name, as Linux reads it: buffer-format.rst."""
    found, at = {}, 0
    while data[at : at + 6] == b"070701":
        fields = [int(data[at + 6 + 8 * field : at + 14 + 8 * field], 16) for field in range(13)]
        name_at = at + 110
        name = data[name_at : name_at + fields[11] - 1].decode()
        content_at = -(-(name_at + fields[11]) // 4) * 4
        found[name] = fields[1], data[content_at : content_at + fields[6]]
        at = -(-(content_at + fields[6]) // 4) * 4
    assert at == len(data)
    return found


def test_an_archive_holds_files_links_and_the_folders_they_are_in(tmp_path: Path) -> None:
    (tmp_path / "lib" / "deep").mkdir(parents=True)
    (tmp_path / "lib" / "deep" / "odd").write_bytes(b"12345")
    (tmp_path / "lib" / "link").symlink_to("deep/odd")
    (tmp_path / "left").mkdir()
    (tmp_path / "left" / "out").touch()
    out = io.BytesIO()
    archive = Archive(out)
    archive.data("/init", b"first", 0o755)
    archive.data("init", b"second")
    archive.link("lib", "usr/lib")
    archive.tree(tmp_path, ("left",))
    archive.close()
    found = unpacked(out.getvalue())
    assert found["init"] == (0o100755, b"first")
    assert found["usr/lib/deep/odd"][1] == b"12345"
    assert found["usr/lib/link"] == (0o120777, b"deep/odd")
    assert found["lib"] == (0o120777, b"usr/lib")
    assert found["usr/lib/deep"][0] == found["usr"][0] == 0o040755
    assert list(found)[-1] == "TRAILER!!!"
    assert not any(name.startswith("left") for name in found)


def test_modules_come_after_those_that_they_depend_on_and_built_in_ones_not_at_all() -> None:
    files = {
        "hci_vhci.ko": b"\0license=GPL\0depends=bluetooth\0",
        "bluetooth.ko": b"\0depends=ecdh-generic,rfkill\0name=bluetooth\0",
        "ecdh_generic.ko": b"\0depends=\0",
        "rfkill.ko": b"\0depends=\0",
    }
    order = [name for name, _ in in_loading_order(("rfkill", "hci_vhci", "built_in"), files)]
    assert order == ["rfkill", "ecdh_generic", "bluetooth", "hci_vhci"]


def test_bytecode_is_taken_whatever_the_time_of_its_source(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("VALUE = 42\n")
    where_and_what = compiled(source)
    assert where_and_what is not None
    where, what = where_and_what
    assert where.parent == tmp_path / "__pycache__"
    assert what[4:8] == b"\1\0\0\0"  # PEP 552: a hash that is not checked
    names: dict[str, object] = {}
    exec(marshal.loads(what[16:]), names)
    assert names["VALUE"] == 42
    source.write_text("{% not python %}\n")
    assert compiled(source) is None
