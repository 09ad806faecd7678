"""`unslouch verify`: says whether an exported log is as it was written and its summary follows from its rows."""

import argparse
from typing import TYPE_CHECKING

from unslouch.errors import ExitCode

from .arguments import path

if TYPE_CHECKING:
    from unslouch.export.verify_log import Verdict

MOST_DIFFERENCES = 20

EXAMPLES = """\
The exit code is 0 if everything matches and 9 if something doesn't.

examples:
  unslouch verify unslouch-2025-03-14.json
  unslouch verify unslouch-2025-03-14.csv          with unslouch-2025-03-14.csv.json beside it
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Check the SHA-256 that a log carries, or that its manifest FILE.json has, and compute its summary again from "
        "its own rows."
    )
    parser.epilog = EXAMPLES
    parser.add_argument("file", type=path, metavar="FILE", help="a log that `unslouch export` wrote, or its folder")


def run(args: argparse.Namespace) -> ExitCode:
    from unslouch.analysis.metrics.registry import METRICS
    from unslouch.export.verify_log import verify

    from .console import emit, log_line

    verdict = verify(args.file)
    emit(f"{args.file}: {_hash_sentence(args.file.name, verdict)}")
    version = "" if verdict.algorithm is None else f", version {verdict.algorithm} of the metrics"
    days = f"{verdict.days} day{'' if verdict.days == 1 else 's'}{version}"
    if verdict.differences:
        checked = f" ({days})" if verdict.days else ""
        emit(f"{args.file}: the summary does NOT match its rows{checked}:")
        for difference in verdict.differences[:MOST_DIFFERENCES]:
            emit(f"  {difference}")
        if len(verdict.differences) > MOST_DIFFERENCES:
            emit(f"  and {len(verdict.differences) - MOST_DIFFERENCES} more")
    elif not verdict.days:
        emit(f"{args.file}: the summary was not computed again, because {verdict.not_computed}.")
    elif verdict.not_computed:
        emit(
            f"{args.file}: {verdict.metrics} of {len(METRICS)} metrics of the summary match its rows ({days}); "
            f"{verdict.not_computed}."
        )
    else:
        emit(f"{args.file}: the summary matches its rows ({days}).")
    if verdict.is_sound:
        return ExitCode.OK
    log_line(f"{args.file} can't be relied on: export its days again, or take a copy that nobody has changed.")
    return ExitCode.BAD_INPUT


def _hash_sentence(name: str, verdict: "Verdict") -> str:
    """Return what the hashes say of the log of a name, and which other files differ from when it was exported."""
    if verdict.hash_matches:
        return "the SHA-256 matches."
    if verdict.changed_files in ([], [name]):
        return "the SHA-256 does NOT match; it was changed after it was exported."
    return (
        "the SHA-256 does NOT match; of the exported files these were changed, added or removed: "
        f"{', '.join(verdict.changed_files)}."
    )
