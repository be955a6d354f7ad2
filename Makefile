# Two commands do everything on a fresh machine: make serve, make test.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
V := .venv/bin
export NO_MKDOCS_2_WARNING := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

serve: .venv/site.done ## read the site on http://127.0.0.1:8000 (PORT=8001 for another port)
	@$(V)/python -m tools.serve $(PORT)

test: .venv/test.done ## run everything: programs, pages, links, the built site in a browser
	@$(V)/python -m ruff check -q .
	@$(V)/python -m tools.chromium
	@$(V)/python -m tools.generate
	@$(V)/python -m pytest -n 2 --dist worksteal -q $(ARGS)

build: .venv/site.done ## the strict build, into site/
	@$(V)/python -m tools.build site

update: .venv/test.done ## run every program and rewrite the outputs recorded in it
	@$(V)/python -m tools.update

new: .venv/test.done ## begin a page: make new PAGE=optimizations/hedged-requests
	@$(V)/python -m tools.new "$(PAGE)"

bench: .venv/test.done ## speed, as ratios measured in one run
	@$(V)/python -m tools.bench_simnet
	@$(V)/python -m tools.bench_linearizability
	@$(V)/python -m tools.bench_consistent_hashing
	@$(V)/python -m tools.bench_cache_eviction
	@$(V)/python -m tools.bench_build
	@$(V)/python -m tools.build .build/site && $(V)/python -m tools.bench_search .build/site
	@$(V)/python -m tools.bench_runner .build/site

shots: .venv/test.done ## pictures of four pages in all widths and themes, into .build/shots/
	@$(V)/python -m tools.shots

links: .venv/test.done ## check the links to other sites (needs a network; not part of the tests)
	@$(V)/python -m tools.links

audit: .venv/test.done ## look up known holes in what is pinned (needs a network; not part of the tests)
	@$(V)/python -m tools.audit

lighthouse: .venv/test.done ## what Lighthouse says of five pages, on a phone and on a desk
	@$(V)/python -m tools.build .build/site && $(V)/python -m tools.lighthouse .build/site

reproduce: .venv/test.done ## build the newest commit with another Python and compare: make reproduce WITH=python3.13
	@$(V)/python -m tools.reproduce "$(WITH)"

offline: .venv/site.done ## one zip of the site that opens from disk, distributed-systems-run.zip
	@$(V)/python -m tools.offline

zensical: .venv/test.done ## build the same sources with the theme's successor, and say what differs
	@$(V)/python -m tools.zensical

lock: .venv/test.done ## pin the newest versions that fit pyproject.toml, with hashes
	@$(V)/python -m tools.lock

clean: ## delete what was generated and built, and the environment
	rm -rf .venv .build site distributed-systems-run.zip docs/_generated docs/downloads docs/runs docs/run

$(V)/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv .venv

.venv/site.done: requirements.txt | $(V)/python
	@$(V)/python -m pip install -q --require-hashes -r requirements.txt
	@touch $@

.venv/test.done: requirements-test.txt requirements.txt | $(V)/python
	@$(V)/python -m pip install -q --require-hashes -r requirements-test.txt
	@touch .venv/site.done $@

.PHONY: help serve test build update new bench shots reproduce lighthouse offline zensical links audit lock clean
