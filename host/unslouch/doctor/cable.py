"""Looks at the cable: is a board plugged in, has it a port, may this user open it, does anybody hold it?"""

from collections.abc import Iterator

from .computer import Computer, UsbDevice
from .finding import Finding, Good, Result


def check_cable(computer: Computer) -> Iterator[Result]:
    """Yield what is wrong with each board that is plugged in, or that none is."""
    if not computer.is_linux:
        return
    boards = computer.boards()
    if not boards:
        yield Finding("no-board")
    for board in boards:
        yield from _check_board(computer, board)


def _check_board(computer: Computer, board: UsbDevice) -> Iterator[Result]:
    if not board.ports:
        is_hidden = board.is_bridge and any(name.startswith("brltty") for name in computer.processes())
        yield Finding("brltty" if is_hidden else "no-port", f"{board.name or 'A board'} is plugged in, without a port.")
    for port in board.ports:
        findings: list[Result] = [*_check_access(computer, port), *_check_holders(computer, port)]
        yield from findings or [Good(f"{board.name or 'A board'} is plugged in at /dev/{port}, which you may open.")]


def _check_access(computer: Computer, port: str) -> Iterator[Finding]:
    try:
        access = computer.access(port)
    except OSError:
        return  # it has just been unplugged
    if access.is_allowed:
        return
    cause = "login-again" if access.is_listed and not access.is_in_group else "port-group"
    yield Finding(cause, f"/dev/{port} belongs to the group {access.group}.")


def _check_holders(computer: Computer, port: str) -> Iterator[Finding]:
    holders = computer.holders(port)
    if "ModemManager" in computer.processes() and computer.is_modem_candidate(port):
        yield Finding("modem-manager", f"ModemManager may probe /dev/{port}.")
    strangers = [name for name in holders if not name.startswith(("ModemManager", "unslouch"))]
    if strangers:
        yield Finding("port-busy", f"/dev/{port} is open in {', '.join(strangers)}.")
