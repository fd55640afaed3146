#!/usr/bin/env python3
# coverage.py BEFORE AFTER: the lines of mm/ksm.c that two runs reached, from
# gcov's JSON, and what the second did not, by function.
import itertools
import json
import sys


def lines(name):
    """Line number to [function, times run]; code in several copies counts once."""
    found = {}
    for file in json.load(open(name))["files"]:
        if not file["file"].endswith("mm/ksm.c"):
            continue
        for line in file["lines"]:
            entry = found.setdefault(line["line_number"], [line.get("function_name", ""), 0])
            entry[1] += line["count"]
    return found


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3 7"; lines that hold no code do not break a range."""
    for _, group in itertools.groupby(enumerate(numbers), lambda e: order[e[1]] - e[0]):
        group = [number for _, number in group]
        yield str(group[0]) if len(group) == 1 else f"{group[0]}-{group[-1]}"


runs = [lines(name) for name in sys.argv[1:]]
order = {number: i for i, number in enumerate(sorted(runs[-1]))}
for name, run in zip(("the tests that the tree had", "all tests, with those of the series"), runs):
    hit = sum(1 for _, count in run.values() if count)
    print(f"{name:36} {hit} of {len(run)} lines of mm/ksm.c, {100 * hit / len(run):.1f} %")

print("\nNot reached by any:")
missed = {}
for number in order:
    function, count = runs[-1][number]
    if not count:
        missed.setdefault(function, []).append(number)
for function, numbers in missed.items():
    whole = all(not count for name, count in runs[-1].values() if name == function)
    print(f"  {function:36} {'all of it, ' if whole else ''}{' '.join(ranges(numbers))}")
