# Everything a newcomer or CI needs. Wants Python 3.11 or later and make; writes only into this folder.

PORT ?= 8000
ARGS ?=

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-input --require-hashes
# With the extras: without them pip takes willow[heif] for another package than willow, which is not locked.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--no-emit-index-url --custom-compile-command "make lock" pyproject.toml

# PostgreSQL, Redis and S3 have drivers that the first start does without.
RUNTIME := $(if $(DATABASE_URL)$(CACHE_URL)$(STORAGE_URL),requirements-production.txt,requirements.txt)
# How run and dev are configured when the environment says nothing else.
LOCAL := SITE_URL=$${SITE_URL:-http://127.0.0.1:$(PORT)} SECRET_KEY=$${SECRET_KEY:-$$(cat var/secret-key)}
# As in production, for the deploy check only.
PRODUCTION := DEBUG=false SITE_URL=https://portal.example ALLOWED_HOSTS=portal.example \
	SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ VAR_DIR=var/check

.DEFAULT_GOAL := help
.PHONY: run dev test check bench messages lock clean help

run: .run-env var/secret-key ## Start the portal with its demo content on http://127.0.0.1:8000 (PORT=)
	@$(LOCAL) exec $(MANAGE) serve --demo --port $(PORT)

dev: .dev-env var/secret-key ## The same for developers: debug pages, reloads on change
	@DEBUG=true $(LOCAL) exec $(MANAGE) serve --demo --reload --port $(PORT)

test: .dev-env ## Run the tests (ARGS="-k seats -x")
	@$(BIN)/python -m pytest -n auto $(ARGS)

check: .dev-env ## Format, lint, types, imports, migrations, messages, deploy check; no tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djangofmt --check --quiet portal home events practices
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@mkdir -p var/check
	$(PRODUCTION) $(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check_messages
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

bench: .dev-env ## Measure (tests/bench)
	@$(BIN)/python -m tests.bench $(ARGS)

messages: .dev-env ## Bring the catalogues in locale/ up to date with the code (wants GNU gettext)
	@mkdir -p var/check
	@$(PRODUCTION) $(MANAGE) makemessages

lock: .dev-env ## Write the requirements files anew from pyproject.toml (ARGS=--upgrade)
	$(LOCK) $(ARGS) --all-extras --group dev --output-file requirements-dev.txt
	$(LOCK) --all-extras --constraint requirements-dev.txt --output-file requirements-production.txt
	$(LOCK) --constraint requirements-dev.txt --output-file requirements.txt

clean: ## Remove what make and the tools built; content in var/ stays
	@rm -rf .venv var/static var/tests var/check .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage htmlcov
	@find portal home events practices tests locale -name __pycache__ -prune -exec rm -rf {} + -o -name '*.mo' -exec rm -f {} +

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment is installed again when the lock's checksum is another one.
.PHONY: .run-env .dev-env
.run-env: .venv/bin/python
	@cksum $(RUNTIME) | cmp -s - .venv/run-lock || { \
		echo "Installing the portal's dependencies."; \
		$(PIP) -r $(RUNTIME) && cksum $(RUNTIME) > .venv/run-lock; }

# They contain all others, in the same versions.
.dev-env: .venv/bin/python
	@cksum requirements-dev.txt | cmp -s - .venv/dev-lock || { \
		echo "Installing the portal's and the developers' dependencies."; \
		$(PIP) -r requirements-dev.txt && cksum $(RUNTIME) > .venv/run-lock && \
		cksum requirements-dev.txt > .venv/dev-lock; }

.venv/bin/python:
	@for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11; do \
		command -v "$$python" > /dev/null && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue; \
		"$$python" -m venv .venv && exit; \
		rm -rf .venv; echo "$$python cannot make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; \
	done; echo "The portal wants Python 3.11 or later. PYTHON=/path/to/python make ..."; exit 1

var/secret-key: .run-env
	@test -s $@ || { mkdir -p var && umask 077 && $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > $@; }
