"""Who may ask the server."""

import pytest

from unslouch.tui.serving.gate import Gate, is_loopback, new_token

TOKEN = "a-token-that-nobody-guesses"
PAGE = f"/{TOKEN}/"


def refused(
    path: str = PAGE,
    host: str | None = "127.0.0.1:8000",
    origin: str | None = None,
    *,
    listens_on: str = "127.0.0.1",
    names: tuple[str, ...] = (),
    connects: bool = False,
) -> str | None:
    reason = Gate(listens_on, 8000, TOKEN, names).why_refused(path, host, origin, connects)
    return None if reason is None else reason.split()[-1]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
def test_this_machines_own_names_are_served(host: str) -> None:
    assert refused(host=host) is None
    assert refused(host=host, origin=f"http://{host}", connects=True) is None


@pytest.mark.parametrize(
    "host",
    [
        *(None, "", "evil.example:8000", "127.0.0.1", "127.0.0.1:8001", "localhost", "192.168.1.5:8000"),
        *("127.0.0.1.evil.example:8000", "localhost.evil.example:8000", "evil.example@127.0.0.1:8000"),
        *("127.0.0.1:8000:8000", "127.0.0.1:port", "127.0.0.1:8000/x", "[::1:8000", "127.0.0.1:99999"),
    ],
)
def test_any_other_host_is_refused(host: str | None) -> None:
    assert refused(host=host) == "name."


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "http://evil.example", "http://127.0.0.1:8001", "http://127.0.0.1", "http://localhost:8000"),
        *("https://127.0.0.1:443", "file://127.0.0.1:8000", "http://127.0.0.1:8000@evil.example", "127.0.0.1:8000"),
    ],
)
@pytest.mark.parametrize("connects", [True, False])
def test_a_page_from_elsewhere_is_refused(origin: str, connects: bool) -> None:
    assert refused(origin=origin, connects=connects) == "dashboard."


def test_a_connection_without_an_origin_is_refused_and_a_page_isnt() -> None:
    assert refused(connects=True) == "dashboard."
    assert refused(connects=False) is None


@pytest.mark.parametrize(
    "path",
    ["/", "", "//", f"/{TOKEN}x/", f"/{TOKEN[:-1]}/", "/ws", f"/x/{TOKEN}/", f"//{TOKEN}/", "/%61-token/", "/é/"],
)
def test_a_path_without_the_token_is_refused(path: str) -> None:
    assert refused(path) == "has."


def test_everything_below_the_token_is_served() -> None:
    assert refused(f"/{TOKEN}") is None
    assert refused(f"/{TOKEN}/static/js/textual.js") is None


def test_a_server_for_the_network_is_reached_by_its_addresses_but_by_no_name() -> None:
    assert refused(host="192.168.1.5:8000", listens_on="0.0.0.0") is None
    assert refused(host="[fe80::1]:8000", listens_on="::") is None
    assert refused(host="evil.example:8000", listens_on="0.0.0.0") == "name."
    assert refused(host="192.168.1.5:8000", listens_on="192.168.1.5") is None


def test_a_name_that_the_wearer_gave_is_served_with_any_port_or_with_its_own() -> None:
    assert refused(host="desk.local", names=("Desk.local",)) is None
    secure = {"host": "desk.local", "origin": "https://desk.local", "names": ("desk.local",), "connects": True}
    assert refused(**secure) is None  # type: ignore[arg-type]
    assert refused(host="desk.local:8443", names=("desk.local:8443",)) is None
    assert refused(host="desk.local:8444", names=("desk.local:8443",)) == "name."


def test_tokens_are_long_and_new_each_time() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 32


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own
