"""Bonds survive a power cut whole or not at all, and what is set aside comes back unless it is replaced."""

from flash import Folder
from unslouch_device.link.bonds import IDENTITY, MOST_HOSTS, OURS, PEERS, Bonds

HOST = b"\x01abcdef"
OTHER = b"\x00ghijkl"


def bonded(path, *keys):
    bonds = Bonds(path)
    bonds.put(IDENTITY, b"irk", bytes(16))
    for key in keys:
        bonds.put(OURS, key, b"ours of " + key)
        bonds.put(PEERS, key, b"peers of " + key)
    return bonds


def test_what_was_saved_is_there_after_a_reboot():
    with Folder() as folder:
        path = folder + "/bonds"
        bonds = bonded(path, HOST, OTHER)
        assert not Bonds(path).knows(HOST)
        bonds.save()
        again = Bonds(path)
        assert again.knows(HOST)
        assert again.get(OURS, 0, OTHER) == b"ours of " + OTHER
        assert again.get(IDENTITY, 0, b"irk") == bytes(16)
        assert not again.unsaved


def test_half_a_bond_is_none():
    with Folder() as folder:
        bonds = bonded(folder + "/bonds", OTHER)
        bonds.put(OURS, HOST, b"ours")
        bonds.save()
        assert not bonds.knows(HOST)
        assert Bonds(folder + "/bonds").get(OURS, 0, HOST) is None
        assert Bonds(folder + "/bonds").knows(OTHER)


def test_secrets_are_found_by_index_until_there_are_no_more():
    with Folder() as folder:
        bonds = bonded(folder + "/bonds", HOST, OTHER)
        found = [bonds.get(PEERS, index, None) for index in range(3)]
        assert found[2] is None
        assert set(found[:2]) == {b"peers of " + HOST, b"peers of " + OTHER}


def test_what_is_set_aside_is_gone_until_it_is_restored_and_never_leaves_flash():
    with Folder() as folder:
        path = folder + "/bonds"
        bonds = bonded(path, HOST)
        assert bonds.set_aside(OURS, HOST)
        assert not bonds.set_aside(OURS, HOST)
        assert bonds.get(OURS, 0, HOST) is None
        assert not bonds.knows(HOST)
        bonds.save()
        assert Bonds(path).knows(HOST)
        bonds.restore([HOST, OTHER])
        assert not bonds.knows(HOST)
        bonds.restore([OTHER])
        assert bonds.knows(HOST)


def test_a_new_key_replaces_the_one_set_aside():
    with Folder() as folder:
        bonds = bonded(folder + "/bonds", HOST)
        bonds.set_aside(OURS, HOST)
        bonds.put(OURS, HOST, b"new")
        bonds.restore([])
        assert bonds.get(OURS, 0, HOST) == b"new"


def test_there_is_room_for_four_hosts_and_for_those_that_come_again():
    with Folder() as folder:
        hosts = [b"\x01host %d" % number for number in range(MOST_HOSTS)]
        bonds = bonded(folder + "/bonds", *hosts[:-1])
        assert bonds.room_for(HOST)
        bonds = bonded(folder + "/bonds", *hosts)
        assert not bonds.room_for(HOST)
        assert bonds.room_for(hosts[0])
        bonds.set_aside(OURS, hosts[0])
        assert bonds.room_for(hosts[0])
        assert not bonds.room_for(HOST)


def test_forgetting_leaves_nothing_behind():
    with Folder() as folder:
        path = folder + "/bonds"
        bonds = bonded(path, HOST)
        bonds.save()
        bonds.set_aside(PEERS, HOST)
        bonds.forget()
        bonds.restore([])
        assert not bonds.knows(HOST)
        again = Bonds(path)
        assert not again.knows(HOST)
        assert again.get(IDENTITY, 0, b"irk") is None


def test_a_save_that_fails_is_made_up_for():
    with Folder() as folder:
        bonds = bonded(folder + "/missing/bonds", HOST)
        try:
            bonds.save()
        except OSError:
            pass
        else:
            raise AssertionError("saved where there is no folder")
        assert bonds.unsaved


def test_a_damaged_file_holds_no_bonds():
    with Folder() as folder:
        path = folder + "/bonds"
        bonded(path, HOST).save()
        with open(path, "rb") as file:
            content = bytearray(file.read())
        content[10] ^= 1
        with open(path, "wb") as file:
            file.write(content)
        assert not Bonds(path).knows(HOST)


class Interrupted(Bonds):
    """Bonds into which the stack puts a secret while save() takes note that all is saved: before, or after."""

    before = after = None

    @property
    def unsaved(self):
        return self._unsaved

    @unsaved.setter
    def unsaved(self, value):
        before, after = self.before, self.after
        if not value and before:
            self.before = None
            before()
        self._unsaved = value
        if not value and after:
            self.after = None
            after()


def test_a_secret_that_comes_while_others_are_saved_is_saved_too():
    for moment in ("before", "after"):
        with Folder() as folder:
            path = folder + "/bonds"
            bonds = Interrupted(path)

            def interrupt(bonds=bonds):
                bonds.put(OURS, HOST, b"ours")
                bonds.put(PEERS, HOST, b"peers")

            bonds.put(IDENTITY, b"irk", bytes(16))
            setattr(bonds, moment, interrupt)
            bonds.save()
            bonds.save()
            assert Bonds(path).knows(HOST), moment


def test_a_secret_asked_for_by_its_key_is_the_only_one_under_it():
    with Folder() as folder:
        bonds = bonded(folder + "/bonds", HOST)
        assert bonds.get(OURS, 0, HOST) == b"ours of " + HOST
        assert bonds.get(OURS, 1, HOST) is None
        assert bonds.get(OURS, 255, HOST) is None


def test_a_bond_of_an_address_of_zeros_that_an_earlier_version_kept_is_dropped():
    with Folder() as folder:
        path = folder + "/bonds"
        bonded(path, HOST, bytes(7), b"\x01" + bytes(6)).save()
        again = Bonds(path)
        assert again.knows(HOST)
        assert again.get(OURS, 0, bytes(7)) is None
        assert [again.get(OURS, index, None) for index in range(2)] == [b"ours of " + HOST, None]
