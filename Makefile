# The front door: each target is a script in tools-testing/, which says more.
# Variables (LINUX, BASE, DEBUG, ARCH, CMD, TEST, SENDER) are given after make.

SHELL := /bin/bash
T := tools-testing
export LINUX ?=

# The kernel that BASE=1, DEBUG=1 and ARCH=arm64 choose.
which = $(if $(BASE),base) $(if $(DEBUG),debug) $(filter arm64,$(ARCH))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help deps tree refresh kernel um run demo measure mbox test kselftest kunit mutants coverage \
	clean distclean \
	kernel-path um-path tree-path

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo "LINUX=/path/to/linux, a git tree or an unpacked tarball, serves instead of Debian's package."

demo: kernel ## KSM adapting to real memory pressure, with a chart
	@$T/demo/demo.sh

test: deps tree ## all checks, or one: TEST=name
	@$T/test.sh $(TEST)

kselftest: deps tree ## the tree's tests about KSM, in QEMU, or one: TEST=ksm_madvise
	@ONLY="$(TEST)" $T/test.sh kselftest

kunit: deps tree ## the unit tests, as kunit.py runs them and in QEMU, or one: TEST=case
	@ONLY="$(TEST)" $T/test.sh kunit

mutants: kernel ## which test notices which fault in mm/ksm.c (long), or one: TEST=name
	@$T/mutants/mutants.sh $(TEST)

coverage: kernel ## which lines of mm/ksm.c the tests reach, before and with the series
	@$T/coverage/coverage.sh

deps: ## install with apt what the other targets need
	@$T/deps.sh

tree: deps ## build/linux: Linux 7.3 with the series as commits (BASE=1: also one without)
	@$T/tree.sh $(if $(BASE),base)

refresh: ## write patches/ and series from branch ksm of build/linux
	@$T/refresh.sh

kernel: tree ## the test kernel (BASE=1: without the series; DEBUG=1: checks itself; ARCH=arm64)
	@$T/kernel.sh $(which)

um: tree ## the same tree as a program of this machine (BASE=1: without the series)
	@$T/kernel.sh um $(if $(BASE),base)

run: kernel ## boot the test kernel in QEMU and run CMD='...' in it
	@[[ "$$CMD" ]] || { echo "error: say what to run: make run CMD='uname -a'" >&2; exit 2; }
	@$T/run.sh "$$($T/kernel.sh --path $(which))" "$$CMD"

measure: kernel ## the table of the advisors under a memory wave, in virtual time
	@$T/measure/measure.sh

mbox: tree ## build/ksm-watermark.mbox, ready to mail: SENDER="Name <mail>"
	@$T/mbox.sh

kernel-path: ## print where the test kernel is (with make -s; BASE=1, DEBUG=1, ARCH=arm64)
	@$T/kernel.sh --path $(which)

um-path: ## print where the um kernel is (BASE=1)
	@$T/kernel.sh --path um $(if $(BASE),base)

tree-path: ## print where the kernel's sources are (BASE=1)
	@echo $(CURDIR)/build/linux$(if $(BASE),-base)

clean: ## remove what was built; the sources and the compiler cache stay
	@$T/clean.sh

distclean: ## remove build/
	rm -rf build
