# `make lab` opens the course, `make test` runs every test; both first set up .venv, with what a reader needs (READY) or
# an author, too (AUTHOR): a part or all of the one list of pins, requirements.txt.
# Nothing is needed beforehand but make and Python 3.12 or newer.

# The first of these that runs and is new enough; set PYTHON=/path/to/python to choose another.
IS_NEW := -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python; do \
	$$p $(IS_NEW) && echo $$p && break; done)

BIN := .venv/bin
READY := .venv/ready
AUTHOR := .venv/ready-author
# Extras and group of pyproject.toml that a reader needs.
READER := --extra form --extra parquet --extra plots --extra report --group course
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python
# Programs in .venv know the folder that they were installed in, and run by its Python alone: one that was moved, copied,
# or made by an older Python cannot be mended, but made anew. FOLDER holds where it was made.
FOLDER := .venv/folder
FITS := test "$$(cat $(FOLDER) 2>/dev/null)" = "$$(pwd -P)" && $(BIN)/python $(IS_NEW)
WHAT_IF := tests/test_what_if.py
IN_BROWSER := tests/browser

.DEFAULT_GOAL := help
.PHONY: help lab fresh book report form slides show test test-what-if test-browser check-types test-processors mutants fuzz \
	build lock clean

help:
	@echo "make lab      open your own copy of the course, in my/, in JupyterLab (more options: make lab ARGS=--no-browser)"
	@echo "make fresh    lay a clean copy of a lesson, and keep yours under another name: make fresh LESSON=03"
	@echo "make book     the course as pages to read in a browser, without Python: book/_build/html/index.html"
	@echo "make report   analyse a table of yours: make report TEMPLATE=mixed_model DATA=my.csv FORMULA='y ~ x + (1 | group)'"
	@echo "              (every parameter: make report)"
	@echo "make form     the same in the browser, without a formula to type: choose a table, say what its columns are"
	@echo "make slides   slides of a lesson, for any browser, without network: make slides LESSON=07 (a PDF, too: ARGS=--pdf)"
	@echo "make show     a lesson in JupyterLab as one shows it to others: make show LESSON=07 (ten minutes of it: ARGS=--short)"
	@echo "make test     run every test: helpers, lessons, notebook hygiene, style"
	@echo "make test-what-if  follow every change that a lesson invites to the lesson's end"
	@echo "make test-browser  open the course in Chromium, headless, as a reader does (skipped where there is none)"
	@echo "make check-types  types alone: mypy reads helpers"
	@echo "make test-processors"
	@echo "              run lessons and templates as older and other processors would: their outputs must be the same"
	@echo "make mutants  plant small faults in the numerical modules, and print those that no test notices (half an hour)"
	@echo "make fuzz     compare 325 random mixed models with R (which must be installed)"
	@echo "make build    execute the lessons whose source changed (all of them: make build ARGS=--all)"
	@echo "make lock     pin every package anew from pyproject.toml"
	@echo "make clean    remove .venv"

lab: $(READY)
	@$(BIN)/python -m helpers.course lab $(ARGS)

# What stands on the command line is in the environment, too: there the lesson's number is read.
fresh: $(READY)
	@$(BIN)/python -m helpers.course fresh

# From the outputs that the notebooks store: nothing is run. Warnings and dead links are errors.
book: $(AUTHOR)
	$(BIN)/python -m book

# What stands on the command line reaches the program through the environment, as it stands: a formula is full of signs
# that make or the shell would read. `value` takes a text without reading it; `unexport` keeps make from reading it itself.
ifneq ($(filter report,$(MAKECMDGOALS)),)
GIVEN := $(filter-out PYTHON ARGS,$(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$v)))
$(foreach v,$(GIVEN),$(eval unexport $v)$(eval export REPORT_$v := $$(value $v)))
export REPORT_GIVEN := $(GIVEN)
endif

report: $(READY)
	@$(BIN)/python -m helpers.report $(if $(strip $(GIVEN)),,--help)

form: $(READY)
	@$(BIN)/python -m helpers.report.form $(ARGS)

# LESSON=all makes those of every lesson.
slides: $(READY)
	@$(BIN)/python slides/make.py $(if $(LESSON),$(LESSON),$(error which lesson? make slides LESSON=07)) $(ARGS)

show: $(READY)
	@$(BIN)/python slides/show.py $(if $(LESSON),$(LESSON),$(error which lesson? make show LESSON=07)) $(ARGS)

test: $(AUTHOR) check-types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore=$(WHAT_IF) --ignore=$(IN_BROWSER) $(ARGS)

# Each change runs a lesson once more: a target of its own, so that the tests stay short.
test-what-if: $(AUTHOR)
	$(BIN)/python -m pytest -n 2 -p no:nbval -o addopts="--strict-markers -p no:cacheprovider" $(WHAT_IF) $(ARGS)

# Without Chromium each is skipped, and -rs prints the reason.
test-browser: $(AUTHOR)
	$(BIN)/python -m pytest -rs -n 2 --dist loadfile -p no:nbval -o addopts="--strict-markers -p no:cacheprovider" \
		$(IN_BROWSER) $(ARGS)

# mypy keeps what it has read in .mypy_cache: the second run takes a second.
check-types: $(AUTHOR)
	$(BIN)/python -m mypy

test-processors: $(AUTHOR)
	$(BIN)/python tests/processors.py $(ARGS)

mutants: $(AUTHOR)
	$(BIN)/python tests/mutants.py $(ARGS)

fuzz: $(AUTHOR)
	$(BIN)/python tests/fuzz/fuzz.py $(ARGS)

build: $(AUTHOR)
	$(BIN)/python notebooks/build.py $(ARGS)

# Pins for every platform, and no address of the index they came from.
lock: $(AUTHOR)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.12 --upgrade \
		--all-extras --group course --group author --no-annotate --no-header --no-emit-index-url \
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
	$(INSTALL) --exact --requirements pyproject.toml $(READER) --constraints requirements.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(AUTHOR): $(READY)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@
