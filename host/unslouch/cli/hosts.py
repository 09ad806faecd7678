"""`unslouch hosts`: lists the computers that a sensor knows over Bluetooth, and has it forget one."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import BadInput, ExitCode

from .arguments import add_sensor_arguments, add_verbose_argument

if TYPE_CHECKING:
    from unslouch.link.hosts import KnownHost

EXAMPLES = """\
A computer that the sensor forgets can't read it any more until it is paired again. The journal stays. Forget any that
you don't know: somebody else may have paired while the window was open.

examples:
  unslouch hosts
  unslouch hosts forget C0:C1:C2:C3:C4:C5
"""
HEADINGS = ("", "address", "kind", "linked", "secure-connections")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.description = "List the computers that have paired with the sensor; * marks this one."
    parser.epilog = EXAMPLES
    parser.add_argument("--json", action="store_true", help="list them as JSON")
    parser.set_defaults(action=None)
    actions = parser.add_subparsers(metavar="ACTION")
    listing = actions.add_parser("list", help="list them")
    listing.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    forget = actions.add_parser("forget", help="have the sensor forget one")
    for action, name in ((listing, "list"), (forget, "forget")):
        add_sensor_arguments(action)
        add_verbose_argument(action)
        action.set_defaults(action=name)
    forget.add_argument("address", metavar="ADDRESS", help="as the list shows it")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    actions = {None: _list, "list": _list, "forget": _forget}
    return run_cleanly(actions[args.action](args))


async def _list(args: argparse.Namespace) -> ExitCode:
    import json
    from dataclasses import asdict

    from unslouch.link.hosts import known_hosts

    from .console import emit, emit_table, log_line
    from .running import connected

    async with connected(args) as (client, _):
        hosts = await known_hosts(client)
    if args.json:
        emit(json.dumps([asdict(host) for host in hosts]))
    elif hosts:
        emit_table(HEADINGS, [row(host) for host in hosts])
    else:
        log_line("No computer has paired with the sensor.")
    return ExitCode.OK


async def _forget(args: argparse.Namespace) -> ExitCode:
    from unslouch.link.hosts import forget_host, known_hosts

    from .console import log_line
    from .running import connected

    address = as_listed(args.address)
    async with connected(args) as (client, _):
        host = host_at(await known_hosts(client), address)
        await forget_host(client, host)
    log_line(f"The sensor has forgotten {host.address}.")
    if host.is_this_computer:
        log_line("That is this computer: run `unslouch forget` to remove its half of the pairing, too.")
    return ExitCode.OK


def as_listed(text: str) -> str:
    """Return a computer's address as the list shows it; raises BadInput for a text that is none."""
    import re

    address = text.strip().upper().replace("-", ":")
    if re.fullmatch("[0-9A-F]{2}(:[0-9A-F]{2}){5}", address) is None:
        raise BadInput(f"{text!r} is no address; give one that `unslouch hosts` lists, such as C0:C1:C2:C3:C4:C5.")
    return address


def host_at(hosts: "list[KnownHost]", address: str) -> "KnownHost":
    """Return the host with an address; raises BadInput if there is none."""
    for host in hosts:
        if host.address == address:
            return host
    known = ", ".join(host.address for host in hosts)
    remedy = f"name one of {known}" if known else "there is none to forget"
    raise BadInput(f"The sensor knows no computer with the address {address!r}: {remedy}.")


def row(host: "KnownHost") -> tuple[str, ...]:
    """Return a host's cells under HEADINGS."""
    return (
        "*" if host.is_this_computer else "",
        host.address,
        "random" if host.is_random else "public",
        "yes" if host.is_linked else "no",
        "yes" if host.is_secure else "unknown",
    )
