# The front door: each target is a script in tools-testing/, which says more.
# Variables (KERNEL, LINUX, BASE, TOPICS, DEBUG, ARCH, CMD, TEST, SENDER, VERSION, SINCE, TRAILERS, LOAD, PEER, QUICK, ONLY, KERNELS, STORMS, SEED) are given after make.

SHELL := /bin/bash
T := tools-testing
export LINUX ?=
export KERNEL ?=
BACKPORTS := $(notdir $(patsubst %/,%,$(wildcard patches/backports/*/)))

# The tree that BASE=1 and TOPICS=scan choose; all the topics are the whole series.
tree = $(if $(BASE),base,$(if $(word 2,$(TOPICS)),,$(TOPICS)))
# The kernel, together with DEBUG=1 and ARCH=arm64.
which = $(tree) $(if $(DEBUG),debug) $(filter arm64,$(ARCH))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help deps tree refresh kernel um run demo bench bench-report bench-scan mbox range-diff test check check-all kselftest kunit mutants stress fish coverage \
	deb deb-test \
	clean distclean \
	kernel-path um-path tree-path

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo "LINUX=/path/to/linux, a git tree or an unpacked tarball, serves instead of Debian's package."
	@echo "KERNEL=6.12 and KERNEL=7.2 choose the series as it was ported to that release, in build/6.12 and build/7.2."

demo: kernel ## KSM adapting to real memory pressure, with a chart
	@$T/demo/demo.sh

test: deps tree ## all checks, or one: TEST=name
	@$(if $(TEST),,$T/ahead.sh) $T/test.sh $(TEST)

check: deps tree ## what reviewers and robots try on each patch, as a table (long); ONLY="gate ..." some of it
	@$T/deps.sh check
	@ONLY="$(ONLY)" $T/check.sh

check-all: test check ## make test, make check, a bad patch for each gate, each topic and the older kernels in QEMU, packages, mutants, coverage (hours)
	@LONG=1 TEST_TIMEOUT=14400 $T/test.sh gates
	@LONG=1 $T/test.sh kselftest
	@for kernel in $(BACKPORTS); do export LINUX= KERNEL=$$kernel; $T/tree.sh && $T/test.sh kunit && $T/test.sh kselftest && \
		$T/deb.sh && $T/deb-test.sh || exit; done
	@$T/deb.sh && $T/deb-test.sh
	@$T/mutants/mutants.sh
	@$T/coverage/coverage.sh

kselftest: deps tree ## the tree's tests about KSM, in QEMU, or one: TEST=ksm_madvise
	@ONLY="$(TEST)" $T/test.sh kselftest

kunit: deps tree ## the unit tests, as kunit.py runs them and in QEMU, or one: TEST=case
	@ONLY="$(TEST)" $T/test.sh kunit

mutants: kernel ## which test notices which fault in mm/ksm.c (long), or one: TEST=name
	@$T/mutants/mutants.sh $(TEST)

stress: deps tree ## storms: tries to break the series in kernels that check themselves (a day and more; QUICK=1: 25 minutes; KERNELS=, STORMS=, SEED=)
	@$T/stress/stress.sh

fish: deps tree ## which storm notices which bug that was put into mm/ksm.c (hours), or one: TEST=name
	@$T/stress/fish.sh $(TEST)

coverage: kernel ## which lines of mm/ksm.c the tests reach, before and with the series
	@$T/coverage/coverage.sh

deps: ## install with apt what the other targets need
	@$T/deps.sh

tree: deps ## build/linux: Linux 7.3 with the series as commits (BASE=1: also one without; TOPICS=scan)
	@$T/tree.sh $(tree)

refresh: ## write patches/ and series from branch ksm of build/linux
	@$T/refresh.sh

kernel: tree ## the test kernel (BASE=1: without the series; TOPICS=scan; DEBUG=1: checks itself; ARCH=arm64)
	@$T/kernel.sh $(which)

um: tree ## the same tree as a program of this machine (BASE=1, TOPICS=scan)
	@$T/kernel.sh um $(tree)

run: kernel ## boot the test kernel in QEMU and run CMD='...' in it
	@[[ "$$CMD" ]] || { echo "error: say what to run: make run CMD='uname -a'" >&2; exit 2; }
	@$T/run.sh "$$($T/kernel.sh --path $(which))" "$$CMD"

deb: ## Debian packages of the kernel with the series, through its bindeb-pkg: build/deb
	@$T/deb.sh $(which)

deb-test: ## those packages installed in a Debian with systemd, booted in QEMU and tried as deploying.rst says
	@$T/deb-test.sh $(which)

bench: deps ## every way to run ksmd side by side, with charts (long; QUICK=1, LOAD=, PEER=)
	@$T/bench/bench.sh

bench-report: ## what make bench found, into Documentation/: figures.json and benchmarks.rst
	@[[ -f build/bench/figures.json ]] || { echo "error: there are no figures yet: run 'make bench'" >&2; exit 2; }
	@cp build/bench/figures.json Documentation/figures.json
	@$T/bench/rst.py write

bench-scan: deps tree ## what ksmd pays for a page, natively, base beside patched, with a chart (long)
	@$T/tree.sh base scan
	@$T/kernel.sh um base
	@$T/kernel.sh um scan
	@$T/scan/bench-scan.sh

mbox: tree ## build/ksm-TOPIC.mbox for each topic, ready to mail: SENDER="Name <mail>" (VERSION=2, SINCE=posted-v1, TRAILERS="...")
	@$T/mbox.sh

range-diff: tree ## what changed in the patches since a commit of this repository: SINCE=posted-v1
	@$T/range-diff.sh "$$SINCE"

kernel-path: ## print where the test kernel is (with make -s; BASE=1, TOPICS=scan, DEBUG=1, ARCH=arm64)
	@$T/kernel.sh --path $(which)

um-path: ## print where the um kernel is (BASE=1, TOPICS=scan)
	@$T/kernel.sh --path um $(tree)

tree-path: ## print where the kernel's sources are (BASE=1, TOPICS=scan)
	@$T/tree.sh --path $(tree)

clean: ## remove what was built; the sources and the compiler cache stay
	@$T/clean.sh

distclean: ## remove build/
	rm -rf build
