.DEFAULT_GOAL := help
.PHONY: help demo run test test-all bench release format lint

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## the incident, migrated from beginning to end on a private server
	@script/demo

run: ## the study platform with seed data on a private server; prints the address and how to log in
	@script/run

test: ## check the format, build, and run every test
	@script/test

test-all: ## the tests in their long forms too
	@script/test --long

bench: ## measure side by side with psql, C and other tools, and write .build/bench.json
	@script/bench

release: ## build the binary that people install: .build/release/lastro
	@script/release

format: ## bring the Swift files into form
	@script/format

lint: ## check the form of the Swift files
	@script/format --check
