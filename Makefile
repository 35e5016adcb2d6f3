# `make lab` opens the course, `make test` runs every test; both first set up .venv.
# Nothing is needed beforehand but make and Python 3.12 or newer.

# The first of these that runs and is new enough; set PYTHON=/path/to/python to choose another.
IS_NEW := -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python; do \
	$$p $(IS_NEW) && echo $$p && break; done)

BIN := .venv/bin
READY := .venv/ready
# Programs in .venv know the folder that they were installed in, and run by its Python alone: one that was moved, copied,
# or made by an older Python cannot be mended, but made anew. FOLDER holds where it was made.
FOLDER := .venv/folder
FITS := test "$$(cat $(FOLDER) 2>/dev/null)" = "$$(pwd -P)" && $(BIN)/python $(IS_NEW)
# Jupyter refuses to start as root, which is who one is in most containers.
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help lab report test test-processors mutants fuzz check build lock clean

help:
	@echo "make lab      open the course in JupyterLab (more options: make lab ARGS=--no-browser)"
	@echo "make report   analyse a table of yours: make report TEMPLATE=mixed_model DATA=my.csv FORMULA='y ~ x + (1 | group)'"
	@echo "              (every parameter: make report)"
	@echo "make test     run every test: helpers, lessons, notebook hygiene, style"
	@echo "make test-processors"
	@echo "              run lessons and templates as older and other processors would: their outputs must be the same"
	@echo "make mutants  plant small faults in the numerical modules, and print those that no test notices (half an hour)"
	@echo "make fuzz     compare 325 random mixed models with R (which must be installed)"
	@echo "make build    execute the lessons whose source changed (all of them: make build ARGS=--all)"
	@echo "make lock     pin every package anew from pyproject.toml"
	@echo "make clean    remove .venv"

# A default address, not the file as an argument: Jupyter would then serve notebooks/ only, and links to data/ be dead.
lab: $(READY)
	$(BIN)/jupyter lab $(ROOT) --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(ARGS)

# What stands on the command line reaches the program through the environment, as it stands: a formula is full of signs
# that make or the shell would read. `value` takes a text without reading it; `unexport` keeps make from reading it itself.
ifneq ($(filter report,$(MAKECMDGOALS)),)
GIVEN := $(filter-out PYTHON ARGS,$(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$v)))
$(foreach v,$(GIVEN),$(eval unexport $v)$(eval export REPORT_$v := $$(value $v)))
export REPORT_GIVEN := $(GIVEN)
endif

report: $(READY)
	@$(BIN)/python -m helpers.report $(if $(strip $(GIVEN)),,--help)

test: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

test-processors: $(READY)
	$(BIN)/python tests/processors.py $(ARGS)

mutants: $(READY)
	$(BIN)/python tests/mutants.py $(ARGS)

fuzz: $(READY)
	$(BIN)/python tests/fuzz/fuzz.py $(ARGS)

build: $(READY)
	$(BIN)/python notebooks/build.py $(ARGS)

# Pins for every platform, and no address of the index they came from.
lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.12 --upgrade \
		--group course --group report --group author --no-annotate --no-header --no-emit-index-url \
		--quiet --output-file requirements.txt $(ARGS)

clean:
	rm -rf .venv

ifneq ($(shell $(FITS) && echo yes),yes)
.PHONY: $(READY)
endif

$(READY): requirements.txt pyproject.toml
	@$(FITS) || { \
		test -n "$(PYTHON)" && $(PYTHON) $(IS_NEW) \
			|| { echo "Python 3.12 or newer was not found$(if $(PYTHON), at $(PYTHON)). Install it, or say where it is: make PYTHON=/path/to/python3.12"; exit 1; }; \
		test ! -e .venv || echo "Making .venv anew: it was made by an older Python, or in another folder."; \
		$(PYTHON) -m venv --clear .venv && pwd -P > $(FOLDER); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.txt)"
	$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@
