# The verbs of dev.py under the names that make completes. `make` alone prints this list.

.DEFAULT_GOAL := help
.PHONY: help run simulate test check generate bench fuzz pictures lock
PYTHON ?= python3
ARGS ?=

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Further arguments go in ARGS:  make test ARGS='-k colour'"

run: ## start a gateway with embedded servers and a demo company
	@$(PYTHON) dev.py run $(ARGS)

simulate: ## let the demo company of a running `make run` live
	@$(PYTHON) dev.py simulate $(ARGS)

test: ## run the tests
	@$(PYTHON) dev.py test $(ARGS)

check: ## format, lint, types, imports, generated files, schemas
	@$(PYTHON) dev.py check $(ARGS)

generate: ## write the generated files anew
	@$(PYTHON) dev.py generate $(ARGS)

fuzz: ## send wrong input without end to whatever reads any
	@$(PYTHON) dev.py fuzz $(ARGS)

pictures: ## take the pictures of README.md and docs/ anew
	@$(PYTHON) dev.py pictures $(ARGS)

bench: ## run the measurements
	@$(PYTHON) dev.py bench $(ARGS)

lock: ## write the hashed requirements anew from pyproject.toml
	@$(PYTHON) dev.py lock $(ARGS)
