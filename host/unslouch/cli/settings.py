"""`unslouch settings`: lists the sensor's settings, or changes one."""

import argparse

from unslouch.errors import BadInput, ExitCode

from .arguments import add_sensor_arguments

EXAMPLES = """\
examples:
  unslouch settings
  unslouch settings threshold
  unslouch settings threshold 15
  unslouch settings strength medium         light, medium or strong
  unslouch settings fading off              on or off
"""
HEADINGS = ("key", "value", "unit", "range", "meaning")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_sensor_arguments(parser)
    parser.epilog = EXAMPLES
    parser.add_argument("key", nargs="?", metavar="KEY", help="show the value of this one only")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="a whole number, or a word, to set it to")


def run(args: argparse.Namespace) -> ExitCode:
    from .running import run_cleanly

    return run_cleanly(_settings(args))


async def _settings(args: argparse.Namespace) -> ExitCode:
    from unslouch.sensor.settings import change_setting, parse_value, setting_by_key, setting_rows, value_text

    from .console import emit, emit_table, log_line
    from .running import connected

    setting = None if args.key is None else setting_by_key(args.key)
    value = None if setting is None or args.value is None else parse_value(setting, args.value)
    async with connected(args) as (client, _):
        if setting is not None and value is not None:
            await change_setting(client, setting, value)
            log_line(f"{setting.key} is {value_text(setting, value)} now.")
            return ExitCode.OK
        _, values = await client.settings()
    if setting is None:
        rows = [(row.key, row.value, row.unit, row.range, row.meaning) for row in setting_rows(values)]
        emit_table(HEADINGS, rows, right=["value"])
    elif setting.key in values:
        emit(str(values[setting.key]))
    else:
        raise BadInput(f"The sensor's firmware has no setting {setting.key!r}; bring it up to date.")
    return ExitCode.OK
