# Two commands do all the set-up: `make demo` and `make test`.
# Paths are relative, so the checkout may lie in a folder with spaces in its name.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

export PYTHON ?= python3
export PIP_DISABLE_PIP_VERSION_CHECK := 1
override IMAGE := $(value IMAGE)
export IMAGE
override OUTPUT := $(or $(value OUTPUT),demo-output)
export OUTPUT

PY := .venv/bin/python
VALIDATORS := .venv/validators
PEERS := .venv/peers
EXTRAS = import sys, tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"][sys.argv[1]], sep="\n")

.PHONY: help
help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: .venv/.installed .system-libraries ## Open napari on a real image with the dock, then on a simulated microscope: make demo [IMAGE=path]
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" != Linux ]; then \
		display= unattended=; \
	else \
		display=tools/with_display.sh unattended=--unattended; \
	fi; \
	$$display .venv/bin/napari-fair demo $$unattended $${unattended:+--output "$$OUTPUT"} $${IMAGE:+"$$IMAGE"} && \
	if [ -z "$$IMAGE" ] && $(PY) -c "import mm_test_adapters, ome_writers, pymmcore_plus" 2>/dev/null; then \
		$$display .venv/bin/napari-fair demo --acquire $$unattended --output "$$OUTPUT-live"; \
	fi

.PHONY: test
test: .venv/.installed $(VALIDATORS)/.installed .system-libraries ## Run the tests; pytest options: make test ARGS="-k record"
	@tools/with_display.sh $(PY) -m pytest $(ARGS)

.PHONY: lint
lint: .venv/.installed ## Style, spelling, pyproject.toml, plugin manifest.
	$(PY) -m ruff check src tests tools benchmarks
	$(PY) -m ruff format --check src tests tools benchmarks
	.venv/bin/typos
	.venv/bin/validate-pyproject pyproject.toml
	.venv/bin/npe2 validate src/napari_fair/napari.yaml

.PHONY: types
types: .venv/.installed ## mypy, strict.
	$(PY) -m mypy

.PHONY: contracts
contracts: .venv/.installed ## The floors of the house: who may import whom.
	.venv/bin/lint-imports

.PHONY: bench
bench: .venv/.installed $(PEERS)/.installed .system-libraries ## Measure speed beside bioio, ome-types, rocrate and rapidfuzz.
	$(PEERS)/bin/python benchmarks/bench_headers.py
	$(PEERS)/bin/python benchmarks/bench_crate.py
	$(PEERS)/bin/python benchmarks/bench_vocabulary.py
	$(PY) benchmarks/bench_live.py
	@tools/with_display.sh $(PY) benchmarks/bench_dock.py

.PHONY: fuzz
fuzz: .venv/.installed ## Damage files in many ways and read them: make fuzz [ARGS="folder --flips 50"]
	$(PY) tests/headers/fuzz_headers.py $(ARGS)

.PHONY: reference
reference: .venv/.installed ## Write the reference pages that follow from the declared fields.
	$(PY) tools/make_reference.py

.PHONY: clean
clean: ## Remove what the other commands made.
	rm -rf .venv build dist demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: .system-libraries
.system-libraries:
	@tools/system_libraries.sh

.venv/.created: tools/create_environment.sh
	@tools/create_environment.sh .venv
	@touch $@

.venv/.installed: pyproject.toml .venv/.created
	@echo "Installing napari-fair into .venv (a few minutes the first time)"
	@$(PY) -m pip install --quiet --editable ".[all]" --group test --group lint --group plugins
	@touch $@

# roc-validator and napari want different versions of rich: they cannot share an environment.
# Made after the project is installed, so that two pips do not run at once.
$(VALIDATORS)/.installed: pyproject.toml .venv/.created | .venv/.installed
	@echo "Installing the RO-Crate validators into $(VALIDATORS)"
	@tools/create_environment.sh $(VALIDATORS)
	@$(PY) -c '$(EXTRAS)' validate > $(VALIDATORS)/requirements.txt
	@$(VALIDATORS)/bin/python -m pip install --quiet --requirement $(VALIDATORS)/requirements.txt
	@touch $@

# Only for `make bench`: what others are measured with must not enter what is tested.
$(PEERS)/.installed: pyproject.toml benchmarks/peers.txt .venv/.created | .venv/.installed
	@echo "Installing what is measured against into $(PEERS) (about 500 MB)"
	@tools/create_environment.sh $(PEERS)
	@$(PEERS)/bin/python -m pip install --quiet --editable ".[readers]" --requirement benchmarks/peers.txt
	@touch $@
