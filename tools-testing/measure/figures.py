#!/usr/bin/env python3
"""Figures from ksmload's samples.

usage: figures.py FIGURES.json DIR/MODE-LOAD ...   (reads DIR/MODE-LOAD.csv)
"""
import csv
import json
import os
import sys

WAVE = 60           # when the other processes arrive, ksmload's default
DUPLICATES = 5 * 140 * 1024     # KiB that 6 processes share, if all is the same


def read(path):
    """The samples, as numbers, and the kernel they are from."""
    with open(path, encoding="ascii") as file:
        lines = [line for line in file if line.strip()]
    release = [line.split()[2] for line in lines if line.startswith("# release ")]
    rows = [{key: float(value) for key, value in row.items()}
            for row in csv.DictReader(line for line in lines if line[0] != "#")]
    if not rows or not release or rows[-1]["t"] <= WAVE:
        sys.exit(f"error: {path} does not reach the wave at {WAVE} s")
    return release[0], rows


def cpu(rows, start, end):
    """ksmd's share of one CPU between two times, in percent."""
    at = [min(rows, key=lambda row: abs(row["t"] - t)) for t in (start, end)]
    if at[1]["t"] <= at[0]["t"]:
        return None
    return (at[1]["ksmd_ns"] - at[0]["ksmd_ns"]) / 1e7 / (at[1]["t"] - at[0]["t"])


def relief(rows, percent):
    """Seconds from the wave until available memory is back above a share of
    RAM for good; None if that never happens, 0 if it never falls below."""
    below = [i for i, row in enumerate(rows) if row["t"] >= WAVE
             and row["available_kb"] * 100 < row["total_kb"] * percent]
    if not below:
        return 0
    if below[-1] + 1 == len(rows):
        return None
    return rows[below[-1] + 1]["t"] - WAVE


def figures(path):
    release, rows = read(path + ".csv")
    mode, load = os.path.basename(path).rsplit("-", 1)
    most = DUPLICATES * int(load) / 100
    end = rows[-1]["t"]
    return {
        "kernel": release,
        "mode": mode,
        "same_percent": int(load),
        "calm_cpu_percent": cpu(rows, WAVE - 40, WAVE - 1),
        "relief_to_20_percent_s": relief(rows, 20),
        "relief_to_30_percent_s": relief(rows, 30),
        "merged_90_percent_s": next((row["t"] - WAVE for row in rows if row["t"] >= WAVE
                                     and row["saved_kb"] >= 0.9 * most), None),
        "ksmd_cpu_s": (rows[-1]["ksmd_ns"] - rows[0]["ksmd_ns"]) / 1e9,
        "settled_cpu_percent": cpu(rows, max(end - 60, WAVE), end),
        "lowest_available_percent": min(100 * row["available_kb"] / row["total_kb"] for row in rows),
        "saved_mib": rows[-1]["saved_kb"] / 1024,
        "seconds": end,
    }


COLUMNS = (
    # heading, key, format, width
    ("same", "same_percent", "{} %", 5),
    ("mode", "mode", "{}", 10),
    ("calm", "calm_cpu_percent", "{:.2f} %", 8),
    ("20 % after", "relief_to_20_percent_s", "{:.1f} s", 11),
    ("30 % after", "relief_to_30_percent_s", "{:.1f} s", 11),
    ("90 % merged", "merged_90_percent_s", "{:.1f} s", 12),
    ("ksmd in all", "ksmd_cpu_s", "{:.2f} s", 12),
    ("settled", "settled_cpu_percent", "{:.2f} %", 8),
    ("lowest", "lowest_available_percent", "{:.1f} %", 8),
    ("saved", "saved_mib", "{:.0f} MiB", 8),
)


def main():
    target, paths = sys.argv[1], sys.argv[2:]
    result = [figures(path) for path in paths]
    print(" ".join(head.rjust(width) for head, _, _, width in COLUMNS))
    for row in result:
        print(" ".join(("never" if row[key] is None else form.format(row[key])).rjust(width)
                       for _, key, form, width in COLUMNS))
    print(f"""
calm, settled: ksmd's share of one CPU before the wave at {WAVE} s and in the last 60 s
20 %, 30 % after: from the wave until that share of RAM is available again for good
90 % merged: from the wave until 90 % of all duplicate pages are merged
ksmd in all: CPU time of ksmd over the {result[0]["seconds"]:.0f} s; lowest: available memory at its lowest""")
    command = "make measure" + "".join(
        f" {name}='{os.environ[name]}'" for name in ("BASE", "MODES", "LOADS", "SECS") if os.environ.get(name))
    with open(target + ".new", "w", encoding="ascii") as file:
        json.dump({"command": command, "clock": "virtual: qemu -icount shift=0,sleep=off, 1 CPU, 1 GiB",
                   "runs": result}, file, indent=1)
        file.write("\n")
    os.replace(target + ".new", target)


main()
