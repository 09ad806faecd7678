"""What one sample costs, from raw counts to posture state, on every interpreter, and what it cost before.

Before: the pipeline that decided at every sample (tests/firmware/every_sample). Beside them a float filter (Mahony's,
gravity alone: no tilt, activity or posture), which the integers are measured against.
"""

import argparse
import json
import sys

from _everywhere import EVERY, HERE

from unslouch.errors import ExitCode

COLUMNS = {
    "pipeline": "pipeline",
    "before": "pipeline_before",
    "its filter": "gravity",
    "4 at a time": "gravity_by_decision",
    "filter before": "gravity_before",
    "float Mahony": "float_mahony",
}


def main() -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object, by interpreter")
    options = parser.parse_args()
    report = {}
    for interpreter in EVERY:
        if (missing := interpreter.missing()) is not None:
            print(missing, file=sys.stderr)
            continue
        run = interpreter.run(HERE / "_cost.py", heap_kib=4096)
        if run.returncode:
            print(f"{interpreter.name} failed:\n{run.stdout}{run.stderr}", file=sys.stderr)
            return ExitCode.FAILED
        report[interpreter.name] = json.loads(run.stdout)
    if options.json:
        print(json.dumps(report))
    else:
        _print(report)
    return ExitCode.OK


def _print(report: dict[str, dict]) -> None:
    print(f"{'per sample':<26}" + "".join(f"{title:>18}" for title in COLUMNS) + f"{'pipeline now':>16}")
    for name, costs in report.items():
        line = f"{name + ' ' + costs['version']:<26}"
        for what in COLUMNS.values():
            taken = costs[what]["bytes_per_sample"]
            line += f"{costs[what]['ns_per_sample'] / 1000:>8.2f} µs{'' if taken is None else f'{taken:.0f} B':>7}"
        share = costs["pipeline"]["ns_per_sample"] / costs["pipeline_before"]["ns_per_sample"]
        print(f"{line}{share:>7.2f} of before")


if __name__ == "__main__":
    sys.exit(main())
