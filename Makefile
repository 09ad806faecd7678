# Everything a checkout can do. Needs Python >= 3.11 (another one: make PYTHON=python3.12 ...) and nothing else prepared.

PYTHON ?= python3
SEED ?= 7
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet
# Where it is set, each process of the tests compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
BENCHMARKS := $(filter-out tests/benchmarks/_%,$(wildcard tests/benchmarks/*.py))

.PHONY: help setup random-use demo demo-ble test test-bluez test-spark soak bench plots screenshots docs hardware lint format native interpreters lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/editable.stamp  ## prepare .venv, with unslouch in it
	@:

demo: setup  ## open the dashboard on a simulated sensor and wearer
	@$(BIN)/unslouch --demo

demo-ble: setup  ## open it on a simulated sensor that is linked over a simulated radio
	@$(BIN)/python -m unslouch.cli.demo_ble

test: setup interpreters lint  ## check style, types and imports, then run all tests
	@$(BIN)/pytest -m "not soak" --numprocesses auto --dist loadfile --no-loadscope-reorder

test-bluez: setup  ## play the Bluetooth flows on real BlueZ, in a virtual machine
	@$(BIN)/pytest tests/bluez/in_vm.py

random-use: setup  ## use the dashboard at random for half an hour: keys, mouse, sizes, stops, links that break
	@$(BIN)/python tests/tui/random_use.py

test-spark: setup  ## run a study on a Spark cluster of two workers (fetches 445 MB, needs Java 17)
	@$(PIP) install "pyspark>=3.5" "pandas>=2.2,<3"
	@$(BIN)/pytest tests/study/on_spark.py

soak: setup interpreters  ## live weeks in which everything goes wrong, use the dashboard at random, cut the power at every write of a day
	@$(BIN)/pytest -m soak --numprocesses logical --dist loadfile --no-loadscope-reorder
	@$(BIN)/python tests/soak/run.py --seed $(SEED)
	@$(BIN)/python tests/firmware/littlefs/whole_day.py

bench: setup interpreters  ## print the speed and memory figures
	@for benchmark in $(BENCHMARKS); do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

plots: setup  ## draw the plots of docs/tilt.md anew, from the recordings
	@$(BIN)/python docs/plots.py

lint: setup  ## check style, types and imports only
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/python tests/interpreters/typings.py
	@$(BIN)/mypy --config-file firmware/mypy.ini
	@$(BIN)/lint-imports --no-logo

format: setup  ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

native: setup  ## make the firmware's machine code anew out of its plain source
	@$(BIN)/python tests/interpreters/native.py

interpreters: setup  ## fetch the MicroPythons that the firmware is tested under
	@$(BIN)/python tests/interpreters/fetch.py

screenshots: setup  ## draw the docs' pictures of the dashboard anew, from the running program
	@$(BIN)/python docs/screenshots.py

docs: setup  ## build the docs site into dist/docs; warnings are errors
	@$(BIN)/codespell
	@$(BIN)/python -m sphinx -b html -W --keep-going -q docs dist/docs
	@echo "open dist/docs/index.html"

hardware: .venv-hardware/installed.stamp  ## write the parts list, drawings, board pages and the case anew (fetches 1 GB, needs Graphviz)
	@PATH="$(CURDIR)/.venv-hardware/bin:$$PATH" PYTHONPATH=host:firmware .venv-hardware/bin/python -m hardware.make
	@.venv-hardware/bin/python -m hardware.enclosure
	@.venv-hardware/bin/python -m pytest -q -c /dev/null --rootdir . --noconftest tests/hardware/on_solids.py

lock: setup  ## pin anew what pyproject.toml and package.json ask for
	@$(COMPILE) --upgrade --output-file requirements/run.txt
	@$(COMPILE) --upgrade --group dev --constraint requirements/run.txt --output-file requirements/dev.txt
	@$(subst pyproject.toml,--group hardware,$(COMPILE)) --upgrade --output-file requirements/hardware.txt
	@$(BIN)/python tests/interpreters/fetch.py --lock

clean:  ## remove everything that can be made again
	rm -rf .venv .venv-hardware .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed.stamp: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "unslouch needs Python 3.11 or newer, and $(PYTHON) isn't. Name another: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes --no-deps --requirement requirements/dev.txt
	@touch $@

.venv/editable.stamp: .venv/installed.stamp pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@echo "ready: $(BIN)/unslouch"
	@touch $@

.venv-hardware/installed.stamp: requirements/hardware.txt
	@command -v dot > /dev/null || { echo "Graphviz is missing: apt install graphviz (or your system's way), then try again." >&2; exit 1; }
	@$(PYTHON) -m venv .venv-hardware
	@.venv-hardware/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps --requirement requirements/hardware.txt
	@touch $@
