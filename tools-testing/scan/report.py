#!/usr/bin/env python3
"""report.py RUNS.CSV BASE_ID SCAN_ID DIR: the table and the chart of bench-scan.sh.

Each figure is the median of the rounds, with the least and the most beside it;
in ns of ksmd's CPU time for each page that is registered, unless it says else.
"""
import csv
import subprocess
import sys
from collections import defaultdict
from statistics import median

path, base_id, scan_id, out = sys.argv[1:]
# (kernel, load, mib): a run's values, by round
runs = defaultdict(lambda: defaultdict(lambda: {"pass": []}))
with open(path, newline="") as file:
    for key, kernel, load, mib, number, what, _, value in csv.reader(file):
        if key == {"base": base_id, "scan": scan_id}[kernel]:
            run = runs[kernel, load, int(mib)][number]
            run["pages"] = int(mib) * 256
            if what == "pass":
                run["pass"].append(int(value))
            else:
                run[what] = int(value)


def figure(kernel, load, mib, of):
    values = sorted(of(run) for run in runs[kernel, load, mib].values() if "status" in run)
    return values and (median(values), values[0], values[-1])


def merged(run):
    return run["pages_sharing"] + run["ksm_zero_pages"]


def last(run):
    """A whole number of periods: 9 passes, or a visit and the longest rest"""
    count = 18 if len(run["pass"]) < 100 else 130
    return sum(run["pass"][-count:]) / count


# load: its figures
FIGURES = {
    "unique": [("first pass", lambda run: run["pass"][0]),
               ("second pass", lambda run: run["pass"][1]),
               ("later passes", lambda run: median(run["pass"][2:])),
               ("all of them", lambda run: sum(run["pass"])),
               ("reading it (floor)", lambda run: run["floor"])],
    "settled": [("a pass, mean", last)],
}
EVERY = [("all passes", lambda run: sum(run["pass"]))]
MERGING = EVERY + [("a merged page", lambda run: sum(run["pass"]) * run["pages"] / merged(run))]
for name in "half", "same", "zero", "use-zero":
    FIGURES[name] = MERGING

COUNTERS = "pages_shared", "pages_sharing", "pages_unshared", "pages_volatile", "ksm_zero_pages"
print(f"{'load':12}{'MiB':>6}  {'figure':20}{'base':>22}{'scan':>22}{'base/scan':>11}")
different = []
points = defaultdict(dict)
ORDER = [*FIGURES, "volatile", "volatile-end", "collide"]
for load, mib in sorted({(load, mib) for _, load, mib in runs}, key=lambda at: (ORDER.index(at[0]), at[1])):
    for title, of in FIGURES.get(load, EVERY):
        base, scan = (figure(kernel, load, mib, of) for kernel in ("base", "scan"))
        if not base or not scan:
            continue
        points[load, title][mib] = base[0], scan[0]
        print(f"{load:12}{mib:6}  {title:20}" +
              "".join(f"{f'{m:.0f} ({lo:.0f}-{hi:.0f})':>22}" for m, lo, hi in (base, scan)) +
              f"{base[0] / max(scan[0], 0.1):11.2f}")
    for counter in COUNTERS:
        ends = [{run[counter] for run in runs[kernel, load, mib].values() if counter in run}
                for kernel in ("base", "scan")]
        # Of what ran on one of them only there is nothing to compare.
        if all(ends) and ends[0] != ends[1]:
            different.append(f"{load}, {mib} MiB: {counter} is {ends[0]} at the end, or with scan {ends[1]}")
print("\n".join(different) or "At the end of each load the counters of KSM are the same in both.")

lines = []
for load, title in points:
    if (load, title) == ("unique", "all of them") or load not in ("unique", "settled"):
        continue
    for index, kernel in enumerate(("base", "scan")):
        if title.startswith("reading") and index:
            continue
        name = title if title.startswith("reading") else f"{kernel}: {load}, {title}"
        with open(f"{out}/line-{len(lines)}.dat", "w") as file:
            for mib, pair in sorted(points[load, title].items()):
                print(mib, max(pair[index], 1), file=file)
        lines.append((f"{out}/line-{len(lines)}.dat", name, index))
if lines:
    # What belongs together has one colour; the topic's is dashed.
    titles = list(dict.fromkeys(name.split(": ")[-1] for _, name, _ in lines))
    plot = ", ".join(f"'{data}' with linespoints lw 2 lt {1 + titles.index(name.split(': ')[-1])} dt {1 + index} "
                     f"pt {7 - index} title '{name}'" for data, name, index in lines)
    script = (f"set terminal svg size 900,560 background '#ffffff' font 'sans,13'; set output '{out}/chart.svg'; "
              "set title 'What ksmd pays for a page of mergeable memory'; set logscale xy 2; set logscale y 10; "
              "set xlabel 'mergeable memory, MiB'; set ylabel 'CPU time, ns a page'; set key outside right; "
              f"set grid ytics; plot {plot}")
    subprocess.run(["gnuplot", "-e", script], check=True)
    print(f"the chart: {out}/chart.svg")
