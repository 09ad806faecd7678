"""`unslouch service`: runs `unslouch record` in the background, as a systemd user service."""

import argparse

from unslouch.errors import ExitCode

from .arguments import add_config_argument, add_database_argument, sensor

EPILOG = """\
The service stores what the sensor records whenever you are logged in, and starts again if it fails. The dashboard and
the other commands then use the sensor through it. Install it again to change its options.

examples:
  unslouch service install
  unslouch service install --sensor "my back"
  unslouch service status
  journalctl --user --unit unslouch        what it has said
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    install = actions.add_parser("install", help="install the service, or change it, and start it")
    install.add_argument(
        "--sensor",
        type=sensor,
        metavar="NAME|ADDRESS|PORT|URL",
        default=argparse.SUPPRESS,
        help="the sensor to record (default: look for one)",
    )
    add_database_argument(install)
    add_config_argument(install)
    install.set_defaults(action=_install, accepts={"sensor", "db", "config"})
    status = actions.add_parser("status", help="say whether it is installed and runs")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    status.set_defaults(action=_status)
    remove = actions.add_parser("remove", help="stop the service and remove it")
    remove.set_defaults(action=_remove)


def run(args: argparse.Namespace) -> ExitCode:
    code: ExitCode = args.action(args)
    return code


def record_arguments(args: argparse.Namespace) -> list[str]:
    """Return the arguments of `unslouch record` in the service; paths are absolute, as it starts in another folder."""
    from unslouch.config.load import Origin, config_path

    words = [] if args.sensor is None else ["--sensor", args.sensor]
    if args.db is not None:
        words += ["--db", str(args.db.absolute())]
    config, origin = config_path(args.config)
    if origin is not Origin.USER:  # the environment of this shell isn't that of the service
        words += ["--config", str(config.absolute())]
    return words


def _install(args: argparse.Namespace) -> ExitCode:
    from . import systemd_unit
    from .console import log_line
    from .databases import check_database

    check_database(args.db)
    systemd_unit.install(record_arguments(args))
    log_line(f"Installed {systemd_unit.unit_path()} and started it; `unslouch service status` says how it is.")
    log_line("It runs while you are logged in. `loginctl enable-linger` lets it run from the start of the computer on.")
    return ExitCode.OK


def _status(args: argparse.Namespace) -> ExitCode:
    from . import systemd_unit
    from .console import emit

    state = systemd_unit.read_state()
    if args.json:
        import json
        from dataclasses import asdict

        emit(json.dumps(asdict(state)))
        return ExitCode.OK
    if not state.is_installed:
        emit("The service isn't installed; `unslouch service install` does that.")
        return ExitCode.OK
    lines = [
        f"state      {state.state}{f', process {state.pid}' if state.pid else ''}",
        f"at login   {'starts' if state.is_enabled else 'does not start'}",
        f"restarts   {state.restarts}",
    ]
    if not state.pid and state.exit_code:
        lines.append(f"last exit  {state.exit_code} ({_meaning(state.exit_code)})")
    emit("\n".join([*lines, f"unit       {systemd_unit.unit_path()}"]))
    return ExitCode.OK


def _meaning(code: int) -> str:
    """Return the name of an exit code, for looking it up in the docs."""
    return ExitCode(code).name if code in list(ExitCode) else "not one of unslouch's"


def _remove(args: argparse.Namespace) -> ExitCode:
    from . import systemd_unit
    from .console import log_line

    if systemd_unit.remove():
        log_line("The service is stopped and removed. What it has stored stays.")
    else:
        log_line("The service isn't installed.")
    return ExitCode.OK
