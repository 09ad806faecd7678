"""Runs firmware tests where there is no pytest: `micropython minitest.py FILE...` calls every `test_*` in them.

Prints a line per test and a count; exits with 1 if a test failed or if there was none.
"""

import sys

from expect import Skipped


def main(paths):
    passed = failed = skipped = 0
    for path in paths:
        directory, _, file_name = path.replace("\\", "/").rpartition("/")
        if directory not in sys.path:
            sys.path.insert(0, directory)
        module = __import__(file_name[: -len(".py")])
        for name in sorted(name for name in dir(module) if name.startswith("test_")):
            try:
                getattr(module, name)()
            except Skipped as skip:
                skipped += 1
                print("skip %s: %s" % (name, skip))
            except Exception as error:  # noqa: BLE001 - whatever a test raises is that test's failure
                failed += 1
                print("FAIL %s" % name)
                sys.print_exception(error)
            else:
                passed += 1
                print("ok %s" % name)
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
