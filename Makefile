# Two commands for a new user: `make demo` and `make test`. Both set everything up first.
PYTHON ?= python3

.PHONY: demo test coverage check docs site page page-tools constraints environment

environment:
	@$(PYTHON) .ci/make_environment.py

demo: environment
	.venv/bin/tpdecode demo

# One process a core, so linear algebra in each stays in one thread.
test: environment
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv/bin/python -m pytest -n auto --dist loadfile

# Takes more than twice as long as `make test`, so .ci/run leaves it to those who change a room.
coverage:
	PYTEST_ADDOPTS="--cov --cov-report=term:skip-covered --cov-fail-under=90" $(MAKE) test

# What .ci/run checks beyond the tests.
check: environment
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy tests/api/typed_use.py

# Write the command reference and the pages that follow from the code.
docs: environment
	.venv/bin/python docs/make_reference.py

# The documentation as pages with search, in site/; a broken link is an error.
site: environment
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --quiet --strict

# The report page's script, from TypeScript; the built file is in the repository. Needs node.
page-tools:
	cd twophoton_decode/report/script && npm ci --no-audit --no-fund

page: page-tools
	cd twophoton_decode/report/script && npm run check && npm run build

constraints:
	uv pip compile --universal --python-version 3.11 --extra dev --no-header --no-annotate -o constraints.txt pyproject.toml
