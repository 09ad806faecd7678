"""Which links over Bluetooth are admitted, event by event as NimBLE reports them."""

from flash import Folder
from unslouch_device.contract import payloads as p
from unslouch_device.link import admission as a
from unslouch_device.link.bonds import MOST_HOSTS, OURS, PEERS, Bonds

ADDRESS = b"\xc0\xc1\xc2\xc3\xc4\xc5"
OTHER = b"\xc0\x00\x00\x00\x00\x02"
CHANGING = b"\x40\x00\x00\x00\x00\x01"
KEY = b"\x01" + bytes(reversed(ADDRESS))


class Stack:
    """Tells an admission what NimBLE would, of one link after the other."""

    def __init__(self, folder):
        self.hung_up = []
        self.bonds = Bonds(folder + "/bonds")
        self.admission = a.Admission(self.bonds, self.hung_up.append)

    def connect(self, handle=0, address=ADDRESS):
        self.admission.connected(handle, 1, address)

    def encrypt(self, handle=0, bonded=1, key_bytes=16):
        self.admission.encrypted(handle, 1, bonded, key_bytes)

    def delete(self, key=KEY):
        """Delete a host's keys, as when somebody pairs anew under its address."""
        for kind in (OURS, PEERS):
            if self.bonds.set_aside(kind, key):
                self.admission.set_aside(key)

    def hand_over(self, key=KEY, value=b"new"):
        for kind in (OURS, PEERS):
            self.admission.offered(kind, key, value)

    def pair(self, handle=0, address=ADDRESS, value=b"new", key_bytes=16):
        """Pair as NimBLE does."""
        key = b"\x01" + bytes(reversed(address))
        if self.bonds.get(PEERS, 0, key) is not None:
            self.delete(key)
        self.encrypt(handle, key_bytes=key_bytes)
        self.hand_over(key, value)

    def let_in(self, handle=0, address=ADDRESS):
        self.admission.window_open = True
        self.connect(handle, address)
        self.pair(handle, address, b"old")
        assert self.admission.admits(handle)
        self.admission.disconnected(handle)
        self.admission.window_open = False


def test_nobody_is_admitted_by_connecting_alone():
    with Folder() as folder:
        stack = Stack(folder)
        stack.connect()
        assert not stack.admission.admits(0)
        assert not stack.admission.admits(1)


def test_who_pairs_in_the_window_is_admitted_once_both_keys_are_kept():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.encrypt()
        assert not stack.admission.admits(0)
        stack.admission.offered(OURS, KEY, b"new")
        assert not stack.admission.admits(0)
        stack.admission.offered(PEERS, KEY, b"new")
        assert stack.admission.admits(0)
        assert stack.bonds.unsaved
        assert stack.hung_up == []


def test_keys_that_come_before_the_encryption_is_told_do_as_well():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.hand_over()
        assert not stack.admission.admits(0)
        stack.encrypt()
        assert stack.admission.admits(0)


def test_a_stranger_is_sent_away_at_once_while_the_window_is_shut_and_none_of_its_keys_is_kept():
    with Folder() as folder:
        stack = Stack(folder)
        stack.connect()
        assert stack.hung_up == [0]
        assert stack.admission.refusals == [a.REFUSED_UNKNOWN]
        stack.pair()
        assert not stack.admission.admits(0)
        assert not stack.bonds.knows(KEY)


def test_a_stranger_who_came_while_the_window_was_open_and_pairs_when_it_is_shut_is_refused():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.admission.window_open = False
        stack.pair()
        assert not stack.admission.admits(0)
        assert stack.hung_up == [0]
        assert stack.admission.refusals == [a.REFUSED_NO_BOND]
        assert not stack.bonds.knows(KEY)


def test_a_bonded_host_is_admitted_when_it_encrypts_at_any_time():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect()
        assert not stack.admission.admits(0)
        assert stack.bonds.get(OURS, 0, KEY) == b"old"
        stack.encrypt()
        assert stack.admission.admits(0)


def test_a_link_that_is_encrypted_but_not_bonded_is_refused_even_in_the_window():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.encrypt(bonded=0)
        assert not stack.admission.admits(0)
        assert stack.hung_up == [0]


def test_a_short_key_is_refused_whether_new_or_stored():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.pair(key_bytes=15)
        assert not stack.admission.admits(0)
        assert not stack.bonds.knows(KEY)
        stack.admission.disconnected(0)
        stack.let_in()
        stack.connect()
        stack.encrypt(key_bytes=7)
        assert not stack.admission.admits(0)
        assert stack.admission.refusals == [a.REFUSED_SHORT_KEY] * 2


def test_a_stranger_with_a_bonded_hosts_address_neither_gets_in_nor_costs_it_its_bond():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect()
        stack.delete()
        assert stack.hung_up == [0]
        stack.encrypt()
        stack.hand_over()
        assert not stack.admission.admits(0)
        assert stack.admission.refusals == [a.REFUSED_REPEAT]
        stack.admission.disconnected(0)
        assert stack.bonds.get(OURS, 0, KEY) == b"old"
        stack.connect()
        stack.encrypt()
        assert stack.admission.admits(0)


def test_a_stranger_under_a_changing_address_is_refused_too():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect(0, CHANGING)
        stack.delete()
        assert stack.hung_up == [0]
        stack.admission.disconnected(0)
        assert stack.bonds.knows(KEY)


def test_another_hosts_link_goes_on_while_a_stranger_is_refused_who_costs_nobody_a_bond():
    for address in (ADDRESS, CHANGING):
        with Folder() as folder:
            stack = Stack(folder)
            stack.let_in()
            stack.let_in(address=OTHER)
            stack.connect(0, OTHER)
            stack.encrypt(0)
            stack.connect(1, address)
            stack.delete()
            assert stack.hung_up == [1]
            stack.admission.disconnected(1)
            assert stack.admission.admits(0)
            stack.connect(2)
            stack.encrypt(2)
            assert stack.admission.admits(2)


def test_a_host_that_has_lost_its_keys_gets_new_ones_in_the_window_and_keeps_the_old_until_then():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.admission.window_open = True
        stack.connect()
        stack.delete()
        stack.admission.disconnected(0)  # something went wrong
        assert stack.bonds.get(OURS, 0, KEY) == b"old"
        stack.connect()
        stack.pair()
        assert stack.admission.admits(0)
        stack.admission.disconnected(0)
        assert stack.bonds.get(OURS, 0, KEY) == b"new"
        assert stack.hung_up == []


def test_the_fifth_host_is_refused():
    with Folder() as folder:
        stack = Stack(folder)
        for number in range(MOST_HOSTS):
            stack.let_in(address=b"\xc0host" + bytes((number,)))
        stack.admission.window_open = True
        stack.connect()
        stack.pair()
        assert not stack.admission.admits(0)
        assert stack.admission.refusals == [a.REFUSED_FULL]
        assert not stack.bonds.knows(KEY)


def test_a_link_that_is_not_encrypted_ends_after_ten_seconds_or_a_strangers_in_the_window_after_twenty():
    for known, window_open, patience_s in ((True, False, 10), (True, True, 10), (False, True, 20)):
        with Folder() as folder:
            stack = Stack(folder)
            if known:
                stack.let_in()
            stack.admission.window_open = window_open
            stack.connect()
            for _ in range(patience_s - 1):
                stack.admission.pass_second()
            assert stack.hung_up == []
            stack.admission.pass_second()
            assert stack.hung_up == [0]
            assert stack.admission.refusals == [a.REFUSED_SILENT]


def test_who_should_have_been_hung_up_on_and_is_still_there_is_hung_up_on_again():
    with Folder() as folder:
        stack = Stack(folder)
        stack.connect()
        stack.pair()
        stack.admission.pass_second()
        stack.admission.pass_second()
        assert stack.hung_up == [0, 0, 0]
        stack.admission.disconnected(0)
        stack.admission.pass_second()
        assert len(stack.hung_up) == 3


def test_time_does_nothing_to_an_admitted_link():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect()
        stack.encrypt()
        for _ in range(100):
            stack.admission.pass_second()
        assert stack.admission.admits(0)


def test_a_host_that_pairs_anew_and_fails_stays_admitted_and_keeps_its_keys():
    for pairs_in_the_window in (False, True):
        with Folder() as folder:
            stack = Stack(folder)
            stack.let_in()
            stack.admission.window_open = True
            stack.connect()
            if pairs_in_the_window:
                stack.pair()
            else:
                stack.encrypt()
            before = stack.bonds.get(OURS, 0, KEY)
            stack.delete()
            stack.encrypt()
            assert stack.admission.admits(0)
            stack.admission.disconnected(0)
            assert stack.bonds.get(OURS, 0, KEY) == before
            stack.connect()
            stack.encrypt()
            assert stack.admission.admits(0)
            assert stack.hung_up == []


def test_a_host_that_was_let_in_may_replace_its_own_keys_and_nobody_elses():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.admission.window_open = True
        stack.connect()
        stack.encrypt()
        stack.delete()
        stack.encrypt()
        stack.connect(1, OTHER)
        stack.hand_over(b"\x01" + bytes(reversed(OTHER)), b"other")
        assert not stack.bonds.knows(b"\x01" + bytes(reversed(OTHER)))
        stack.hand_over(value=b"newer")
        stack.encrypt(1)
        assert [stack.admission.admits(handle) for handle in (0, 1)] == [True, False]
        stack.admission.disconnected(1)
        stack.admission.disconnected(0)
        assert stack.bonds.get(OURS, 0, KEY) == b"newer"
        assert stack.bonds.hosts() == [KEY]


def test_an_admitted_host_may_replace_its_own_keys_while_the_window_is_shut():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect()
        stack.encrypt()
        stack.pair(value=b"newer")
        assert stack.admission.admits(0)
        assert stack.hung_up == []
        stack.admission.disconnected(0)
        assert stack.bonds.get(OURS, 0, KEY) == b"newer"


def test_a_link_whose_pairing_failed_is_no_longer_admitted():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect()
        stack.encrypt()
        stack.admission.encrypted(0, 0, 0, 0)
        assert not stack.admission.admits(0)


def test_forgetting_ends_every_link_and_shuts_the_window():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect()
        stack.encrypt()
        stack.admission.window_open = True
        stack.admission.forget()
        assert not stack.admission.admits(0)
        assert stack.hung_up == [0]
        stack.admission.disconnected(0)
        assert not stack.bonds.knows(KEY)
        assert not stack.admission.window_open


def test_refusals_are_counted_only_as_far_as_somebody_takes_them_away():
    with Folder() as folder:
        stack = Stack(folder)
        for _ in range(100):
            stack.connect()
            stack.pair()
            stack.admission.disconnected(0)
        assert 1 <= len(stack.admission.refusals) < 20


def test_keys_of_a_link_that_is_gone_admit_nobody():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.hand_over()
        stack.admission.disconnected(0)
        stack.connect(0, OTHER)
        stack.encrypt()
        assert not stack.admission.admits(0)


def test_keys_of_a_link_that_was_refused_admit_nobody():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect(0)
        stack.connect(1, OTHER)
        stack.hand_over()
        stack.encrypt(0, key_bytes=7)
        stack.encrypt(1)
        assert not stack.admission.admits(1)


def test_a_link_that_went_while_its_keys_were_due_leaves_no_place_to_the_next():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.encrypt()
        stack.admission.disconnected(0)
        stack.connect(0, OTHER)
        stack.hand_over()
        assert not stack.admission.admits(0)


def test_keys_that_come_after_the_hanging_up_are_too_late():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.encrypt()
        for _ in range(30):
            stack.admission.pass_second()
        stack.hand_over()
        assert not stack.admission.admits(0)
        assert not stack.bonds.knows(KEY)


def test_a_bonded_hosts_address_is_not_enough_on_a_link_that_is_not_bonded():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.connect()
        stack.encrypt(bonded=0)
        assert not stack.admission.admits(0)


def test_a_host_that_is_about_to_encrypt_is_not_taken_for_a_stranger_who_pairs():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.let_in(address=OTHER)
        stack.connect(0, OTHER)
        stack.connect(1)
        stack.delete()
        assert stack.hung_up == [1]
        stack.encrypt(0)
        assert stack.admission.admits(0)


def test_a_host_under_a_changing_address_is_known_by_its_own_once_it_has_paired():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect(0, CHANGING)
        stack.encrypt()
        stack.hand_over()
        stack.admission.window_open = False
        stack.encrypt()  # once more, with the new key
        assert stack.admission.admits(0)


def secret(size=80, secure=True):
    """Returns a secret as NimBLE lays it out on a 32-bit chip, of a pairing with LE Secure Connections or without."""
    value = bytearray(size)
    if secure:
        at, mask = {80: (74, 4), 88: (80, 2)}[size]
        value[at] = mask
    return bytes(value)


def test_legacy_pairing_is_refused_in_the_window_and_none_of_its_keys_kept():
    for size in (80, 88):
        with Folder() as folder:
            stack = Stack(folder)
            stack.admission.window_open = True
            stack.connect()
            stack.pair(value=secret(size, secure=False))
            assert not stack.admission.admits(0)
            assert stack.hung_up == [0]
            assert stack.admission.refusals == [a.REFUSED_PAIRING]
            assert not stack.bonds.knows(KEY)
            stack.admission.disconnected(0)
            stack.connect()
            stack.pair(value=secret(size))
            assert stack.admission.admits(0)


def test_a_legacy_bond_that_an_earlier_version_kept_admits_nobody():
    with Folder() as folder:
        stack = Stack(folder)
        for kind in (OURS, PEERS):
            stack.bonds.put(kind, KEY, secret(secure=False))
        stack.connect()
        stack.encrypt()
        assert not stack.admission.admits(0)
        assert stack.hung_up == [0]
        assert stack.admission.refusals == [a.REFUSED_PAIRING]


def test_who_pairs_under_an_address_of_zeros_is_refused_and_not_kept():
    for kind_of_address in (0, 1):
        with Folder() as folder:
            stack = Stack(folder)
            stack.admission.window_open = True
            stack.connect(0, CHANGING)
            stack.encrypt()
            stack.hand_over(bytes((kind_of_address,)) + bytes(6))
            assert not stack.admission.admits(0)
            assert stack.hung_up == [0]
            assert stack.admission.refusals == [a.REFUSED_PAIRING]
            stack.admission.disconnected(0)
            assert stack.bonds.get(OURS, 0, bytes((kind_of_address,)) + bytes(6)) is None


def test_suspicion_of_a_linked_hosts_address_ends_the_strangers_link_and_not_the_hosts():
    for address in (ADDRESS, CHANGING):
        with Folder() as folder:
            stack = Stack(folder)
            stack.let_in()
            stack.connect(0)
            stack.encrypt(0)
            stack.connect(1, address)
            stack.delete()
            assert stack.hung_up == [1]
            assert stack.admission.admits(0)
            stack.admission.disconnected(1)
            stack.admission.disconnected(0)
            assert stack.bonds.get(OURS, 0, KEY) == b"old"


def test_the_window_shuts_after_one_pairing_and_a_second_is_refused():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.connect(1, OTHER)
        stack.pair()
        assert stack.admission.admits(0)
        assert not stack.admission.window_open
        stack.pair(1, OTHER)
        assert not stack.admission.admits(1)
        assert stack.hung_up == [1]
        assert stack.bonds.hosts() == [KEY]


def test_a_pairing_is_noted_with_whether_it_was_certainly_by_secure_connections():
    for value, how in ((secret(80), a.PAIRED_SECURE), (secret(88), a.PAIRED_SECURE), (bytes(96), a.PAIRED_UNVERIFIED)):
        with Folder() as folder:
            stack = Stack(folder)
            stack.admission.window_open = True
            stack.connect()
            stack.pair(value=value)
            assert stack.admission.admits(0)
            assert stack.admission.paired == [how]


def test_a_stranger_who_stalls_in_the_window_goes_once_a_known_host_has_waited_for_some_seconds():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.admission.window_open = True
        stack.connect(0, OTHER)
        stack.connect(1)
        for _ in range(4):
            stack.admission.pass_second()
        assert stack.hung_up == []
        stack.admission.pass_second()
        assert stack.hung_up == [0]
        stack.encrypt(1)
        assert stack.admission.admits(1)


def test_a_stranger_who_has_not_paired_when_the_window_shuts_goes():
    with Folder() as folder:
        stack = Stack(folder)
        stack.admission.window_open = True
        stack.connect()
        stack.admission.window_open = False
        stack.admission.pass_second()
        assert stack.hung_up == [0]


def test_keys_of_a_pairing_survive_the_end_of_another_link():
    for reason in ("ended", "refused"):
        with Folder() as folder:
            stack = Stack(folder)
            stack.admission.window_open = True
            stack.connect()
            stack.connect(1, OTHER)
            stack.encrypt()
            stack.admission.offered(OURS, KEY, b"new")
            if reason == "ended":
                stack.admission.disconnected(1)
            else:
                stack.encrypt(1, bonded=0)
            stack.admission.offered(PEERS, KEY, b"new")
            assert stack.admission.admits(0)


def test_keys_that_come_back_after_a_strangers_pairing_ask_for_a_restart_of_the_radio():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        assert not stack.admission.stale
        stack.connect()
        stack.delete()
        stack.admission.disconnected(0)
        assert stack.admission.stale


def test_a_known_host_is_known_whatever_the_stack_calls_a_resolved_address():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.admission.connected(0, 3, ADDRESS)
        stack.encrypt()
        assert stack.admission.admits(0)


def test_advertising_waits_for_a_link_that_is_about_to_encrypt_but_not_for_long():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        assert not stack.admission.settling()
        stack.connect()
        assert stack.admission.settling()
        for _ in range(3):
            stack.admission.pass_second()
        assert not stack.admission.settling()
        stack.connect(1)
        stack.encrypt(1)
        assert not stack.admission.settling()


def test_one_host_is_forgotten_and_its_link_ends_a_second_later_so_that_it_may_be_answered():
    with Folder() as folder:
        stack = Stack(folder)
        stack.let_in()
        stack.let_in(address=OTHER)
        stack.connect()
        stack.encrypt()
        assert stack.admission.forget_host(KEY)
        assert not stack.admission.forget_host(KEY)
        assert stack.admission.admits(0)
        stack.encrypt()
        assert stack.hung_up == []
        stack.admission.pass_second()
        assert not stack.admission.admits(0)
        assert stack.hung_up == [0]
        stack.admission.disconnected(0)
        stack.connect()
        assert stack.hung_up == [0, 0]
        stack.connect(1, OTHER)
        stack.encrypt(1)
        assert stack.admission.admits(1)
        assert Bonds(folder + "/bonds").hosts() == [b"\x01" + bytes(reversed(OTHER))]


def entries(data):
    """Returns the flags of each host in a reply, whose order says nothing."""
    return {data[at + 1 : at + 8]: data[at] for at in range(0, len(data), 8)}


def test_hosts_are_listed_with_whose_link_asks_and_how_they_paired():
    with Folder() as folder:
        stack = Stack(folder)
        for address in (ADDRESS, OTHER, CHANGING):
            stack.admission.window_open = True
            stack.connect(0, address)
            stack.pair(0, address, value=bytes(96) if address == CHANGING else secret())
            stack.admission.disconnected(0)
        stack.connect(0)
        stack.encrypt(0)
        stack.connect(1, OTHER)
        stack.encrypt(1)
        flags = [p.HOST_SECURE | p.HOST_LINKED | p.HOST_YOURS, p.HOST_SECURE | p.HOST_LINKED, 0]
        keys = [b"\x01" + bytes(reversed(address)) for address in (ADDRESS, OTHER, CHANGING)]
        assert entries(stack.admission.hosts(0)) == {key: flag for flag, key in zip(flags, keys)}
        flags = [p.HOST_SECURE | p.HOST_LINKED] * 2 + [0]
        assert entries(stack.admission.hosts(None)) == {key: flag for flag, key in zip(flags, keys)}
