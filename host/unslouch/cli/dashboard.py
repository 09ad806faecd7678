"""`unslouch` without a command: the dashboard."""

import argparse
import gc
from functools import partial

from unslouch.errors import ExitCode

from .arguments import add_config_argument, add_database_argument, add_sensor_arguments
from .console import is_terminal, log_error


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the dashboard's arguments to the top parser, with the defaults of those that commands have too."""
    add_sensor_arguments(parser)
    add_database_argument(parser)
    add_config_argument(parser)
    parser.add_argument("--no-color", action="store_true", help="draw the dashboard without colours, as NO_COLOR does")
    parser.set_defaults(sensor=None, demo=False, db=None, config=None)


def run(args: argparse.Namespace) -> ExitCode:
    """Show the dashboard until the wearer leaves it; raises the UnslouchError that ended it."""
    if not is_terminal("stdin", "stdout"):
        log_error(
            "The dashboard needs a terminal as stdin and stdout; `unslouch watch` prints lines into a pipe or file."
        )
        return ExitCode.USAGE
    gc.disable()  # until the first frame: what is imported and opened until then stays
    from unslouch.tui.app import DashboardApp
    from unslouch.tui.feed import RecorderFeed, open_sensor, open_simulated_sensor
    from unslouch.tui.first_run.needed import is_first_run

    from .configured import load_config, quiet_keeper
    from .logs import logs_held_back

    loaded = load_config(args.config)
    quiet = quiet_keeper(loaded.config)
    # A demo that is chosen where no sensor was found has a database of its own: --db named the wearer's.
    open_demo = partial(RecorderFeed, open_simulated_sensor, args.db if args.demo else None, True, quiet=quiet)
    feed = open_demo() if args.demo else RecorderFeed(partial(open_sensor, args.sensor), args.db, quiet=quiet)
    is_new = not args.demo and args.sensor is None and args.db is None and is_first_run()
    with logs_held_back():
        app = DashboardApp(feed, open_demo, loaded=loaded, quiet=quiet, no_color=args.no_color, first_run=is_new)
        error = app.run()
    if error is not None:
        raise error
    return ExitCode.FAILED if app.return_code else ExitCode.OK
