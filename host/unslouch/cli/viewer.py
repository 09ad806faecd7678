"""The dashboard that a page of `unslouch serve` shows: it follows the program that has the sensor, and takes none.

`python -m unslouch.cli.viewer`, which textual-serve runs for each page.
"""

import argparse
import atexit
import sys
from functools import partial

from unslouch.errors import UnslouchError

from .arguments import add_config_argument, add_database_argument, add_sensor_arguments
from .main import end_if_threads_work


def main() -> int:
    """Show the dashboard until the page is closed or the wearer leaves it; return the exit code."""
    parser = argparse.ArgumentParser(prog="unslouch.cli.viewer")
    add_sensor_arguments(parser)
    add_database_argument(parser)
    add_config_argument(parser)
    parser.set_defaults(sensor=None, db=None, config=None)
    args = parser.parse_args()

    from unslouch.tui.app import DashboardApp
    from unslouch.tui.feed import RecorderFeed, open_sensor
    from unslouch.tui.sensor_tools import following_tools

    from .configured import load_config, quiet_keeper
    from .logs import logs_held_back

    loaded = load_config(args.config)
    quiet = quiet_keeper(loaded.config)
    feed = RecorderFeed(partial(open_sensor, args.sensor), args.db, quiet=quiet, follows_only=True)
    with logs_held_back():
        app = DashboardApp(feed, loaded=loaded, quiet=quiet)
        app.shared.tools = following_tools()
        error = app.run()
    if isinstance(error, UnslouchError):
        print(f"unslouch: {error}", file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    code = main()
    atexit.register(end_if_threads_work, code)
    sys.exit(code)
