# The commands of the project; the work is done by ./run, which needs nothing but Python 3.11 or newer.
PYTHON ?= $(shell command -v python3.11 || command -v python3)

.PHONY: run install dev test check lock messages

run:            ## set up what is missing and serve the demo: PORT=8000
	@$(PYTHON) run

install:        ## set up alone
	@$(PYTHON) run install

dev:            ## serve with DEBUG
	@$(PYTHON) run dev

test:           ## the whole test suite; DATABASE_URL=postgresql://… runs it on PostgreSQL, ARGS="-k …" narrows it
	@$(PYTHON) run test $(ARGS)

check:          ## lint, types, templates, migrations, deployment settings
	@$(PYTHON) run check

lock:           ## work the lock files out anew from pyproject.toml
	uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url pyproject.toml --group dev -o requirements-dev.lock

messages:       ## collect the texts of the code into the catalogues and compile those (needs gettext)
	DEBUG=True .venv/bin/python manage.py makemessages -l de --no-location --no-obsolete --ignore=.venv --ignore=.tools --ignore=var --ignore=tests
	DEBUG=True .venv/bin/python manage.py compilemessages -l de --ignore=.venv --ignore=.tools --ignore=var
