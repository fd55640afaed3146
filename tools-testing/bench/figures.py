#!/usr/bin/env python3
"""The figures of each load and peer, from their samples, as one JSON.

usage: figures.py BUILD-DIR LOAD:PEER ...   (reads BUILD-DIR/LOAD/PEER.csv, and writes
                                             BUILD-DIR/figures.json)
"""
import csv
import datetime
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
# In the order of tables and charts
PEERS = ("base-off", "base-none", "base-hand", "base-scan-time", "base-ksmtuned", "base-kubevirt",
         "none", "watermark-alone", "watermark")


class Run:
    """The samples of one guest, and what it counted."""

    def __init__(self, path):
        self.notes, lines = {}, []
        with open(path, encoding="ascii") as file:
            for line in file:
                if line.startswith("# "):
                    name, _, value = line[2:].strip().partition(" ")
                    self.notes[name] = value
                elif line.strip():
                    lines.append(line)
        self.rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]
        if len(self.rows) < 20 or "full_scans" not in self.notes:
            sys.exit(f"error: {path} is not complete; remove it and run again")
        self.end = self.rows[-1]["t"]

    def at(self, t):
        return min(self.rows, key=lambda row: abs(row["t"] - t))

    def total(self, key, start=0.0, end=None):
        """How much a counter has grown between two times."""
        return self.at(self.end if end is None else end)[key] - self.at(start)[key]

    def cpu(self, start=0.0, end=None):
        """ksmd's share of one CPU between two times, in percent."""
        end = self.end if end is None else end
        return self.total("ksmd_ns", start, end) / 1e7 / (self.at(end)["t"] - self.at(start)["t"])

    def count(self, *names):
        return sum(int(self.notes.get(name, 0)) for name in names)

    def relief(self, wave, percent):
        """Seconds from the wave until available memory is back above a share of
        RAM for good; None if that never happens, 0 if it never falls below."""
        below = [i for i, row in enumerate(self.rows) if row["t"] >= wave
                 and row["available_kb"] * 100 < row["total_kb"] * percent]
        if not below:
            return 0
        return self.rows[below[-1] + 1]["t"] - wave if below[-1] + 1 < len(self.rows) else None

    def saved_after(self, wave, mib):
        """Seconds from the wave until so much is saved, or None."""
        return next((row["t"] - wave for row in self.rows if row["t"] >= wave and row["saved_kb"] >= mib * 1024), None)

    def given_up(self, wave, percent=1.0, window=10.0):
        """Seconds from the wave until ksmd takes less than a share of a CPU, for good."""
        last = None
        for row in self.rows:
            if row["t"] >= wave + window and self.cpu(row["t"] - window, row["t"]) >= percent:
                last = row["t"]
        if last is None:
            return 0
        return last - wave if last < self.end - window else None

    def us_per_page(self):
        """ksmd's time for a page that is merged in the end, or None."""
        merged = self.rows[-1]["saved_kb"] / 4
        return self.total("ksmd_ns") / 1e3 / merged if merged > 0 else None

    def common(self):
        return {
            "ksmd_cpu_s": self.total("ksmd_ns") / 1e9,
            "daemon_cpu_s": self.count("daemon_us") / 1e6,
            "saved_mib": self.rows[-1]["saved_kb"] / 1024,
            "most_saved_mib": max(row["saved_kb"] for row in self.rows) / 1024,
            "lowest_available_percent": min(100 * row["available_kb"] / row["total_kb"] for row in self.rows),
        }


def wave(run, same):
    return {
        "calm_cpu_percent": run.cpu(20, 59),
        "relief_to_20_percent_s": run.relief(60, 20),
        "relief_to_30_percent_s": run.relief(60, 30),
        "merged_90_percent_s": run.saved_after(60, 0.9 * 5 * 140 * same / 100),
        "settled_cpu_percent": run.cpu(run.end - 60),
        "us_per_merged_page": run.us_per_page(),
    }


def overcommit(run):
    return {
        "up": run.count("up"), "killed": run.count("killed"),
        "swapped_out_pages": run.count("pswpout"), "swapped_in_pages": run.count("pswpin"),
        "psi_some_s": run.count("psi_some_us") / 1e6, "psi_full_s": run.count("psi_full_us") / 1e6,
        "allocation_stalls": run.count(*(name for name in run.notes if name.startswith("allocstall_"))),
    }


def churn(run):
    late = [row for row in run.rows if row["t"] >= 40]
    return {
        "cow_breaks": run.count("cow_ksm"),
        "mean_saved_mib": sum(row["saved_kb"] for row in late) / len(late) / 1024,
        "cpu_percent": run.cpu(40),
    }


def nothing(run):
    gave_up = run.given_up(60)
    return {
        "cpu_percent": run.cpu(60),
        "gave_up_s": gave_up,
        "scans_until_then": run.total("full_scans", 60, 60 + gave_up) if gave_up is not None else None,
        "settled_cpu_percent": run.cpu(run.end - 60),
    }


def zero(run):
    last = run.rows[-1]
    return {
        "relief_to_20_percent_s": run.relief(60, 20),
        "relief_to_30_percent_s": run.relief(60, 30),
        "zero_mib": last["saved_kb"] / 1024 - last["pages_sharing"] / 256,
        "merged_mib": last["pages_sharing"] / 256,
        "us_per_merged_page": run.us_per_page(),
    }


def scale(run, gib):
    return {
        "merged_90_percent_s": run.saved_after(10, 0.9 * 3 / 4 * 0.3 * gib * 1024),
        "us_per_merged_page": run.us_per_page(),
    }


def machines(run):
    return {"us_per_merged_page": run.us_per_page()}


def idle(run):
    settle = 60
    seconds = run.end - run.at(settle)["t"]
    return {
        "cpu_percent": run.cpu(settle),
        "wakeups_per_s": run.total("switches", settle) / seconds,
        "daemon_cpu_percent": run.count("daemon_us") / 1e4 / run.end,
    }


def neighbour(run, calm=60, merging=90, settled=190):
    result = {}
    for phase, bound in (("calm", calm), ("merging", merging), ("settled", settled)):
        times = run.notes[f"latency_us-{bound}"].split()
        result.update({f"{phase}_p{name}_us": float(time) for name, time in zip(("50", "99", "999"), times)})
    return result


SHARED = {
    "ksmd_cpu_s": ("ksmd in all", "{:.2f} s"),
    "saved_mib": ("saved", "{:.0f} MiB"),
    "lowest_available_percent": ("lowest available", "{:.1f} %"),
}
WAVE = {
    "calm_cpu_percent": ("ksmd, calm", "{:.2f} %"),
    "relief_to_20_percent_s": ("20 % of RAM after", "{:.1f} s"),
    "relief_to_30_percent_s": ("30 % of RAM after", "{:.1f} s"),
    "merged_90_percent_s": ("90 % merged after", "{:.1f} s"),
    "settled_cpu_percent": ("ksmd, settled", "{:.2f} %"),
    "us_per_merged_page": ("a merged page", "{:.0f} us"),
    **SHARED,
}
# Of all other figures less is better.
MORE = ("saved_mib", "most_saved_mib", "mean_saved_mib", "merged_mib", "zero_mib", "lowest_available_percent", "up")
ZERO = {
    "relief_to_20_percent_s": WAVE["relief_to_20_percent_s"],
    "relief_to_30_percent_s": WAVE["relief_to_30_percent_s"],
    "merged_mib": ("merged", "{:.0f} MiB"),
    "zero_mib": ("zeroes", "{:.0f} MiB"),
    "ksmd_cpu_s": SHARED["ksmd_cpu_s"],
    "us_per_merged_page": WAVE["us_per_merged_page"],
}
SCALE = {
    "merged_90_percent_s": WAVE["merged_90_percent_s"],
    "ksmd_cpu_s": SHARED["ksmd_cpu_s"],
    "saved_mib": SHARED["saved_mib"],
    "us_per_merged_page": WAVE["us_per_merged_page"],
}
NEIGHBOUR = {
    **{f"{phase}_p{key}_us": (f"p{name}, {phase}", "{:.0f} us")
       for phase in ("merging", "settled") for key, name in (("50", "50"), ("99", "99"), ("999", "99.9"))},
    "ksmd_cpu_s": SHARED["ksmd_cpu_s"],
    "most_saved_mib": ("most saved", "{:.0f} MiB"),
}
# For each load: its figures, and in what columns they are shown.
LOADS = {
    "wave-60": (lambda run: wave(run, 60), WAVE),
    "wave-20": (lambda run: wave(run, 20), WAVE),
    "overcommit": (overcommit, {"up": ("came up", "{:.0f} of 24"), "killed": ("killed", "{:.0f}"), **SHARED}),
    "overcommit-zram": (overcommit, {
        "up": ("came up", "{:.0f} of 24"), "killed": ("killed", "{:.0f}"),
        "swapped_out_pages": ("pages out", "{:.0f}"), "swapped_in_pages": ("pages in", "{:.0f}"),
        "psi_some_s": ("stalled, some", "{:.2f} s"), "psi_full_s": ("stalled, all", "{:.2f} s"),
        "allocation_stalls": ("allocation stalls", "{:.0f}"), **SHARED}),
    "churn": (churn, {
        "cpu_percent": ("ksmd", "{:.2f} %"), "mean_saved_mib": ("saved, mean", "{:.0f} MiB"),
        "cow_breaks": ("COW breaks", "{:.0f}"),
        "lowest_available_percent": SHARED["lowest_available_percent"]}),
    "nothing": (nothing, {
        "cpu_percent": ("ksmd, 10 minutes", "{:.2f} %"), "gave_up_s": ("below 1 % after", "{:.0f} s"),
        "scans_until_then": ("full scans until then", "{:.0f}"),
        "settled_cpu_percent": ("ksmd, last minute", "{:.2f} %"), "ksmd_cpu_s": SHARED["ksmd_cpu_s"]}),
    "neighbour": (neighbour, NEIGHBOUR),
    # um samples ksmd's time in ticks, of which it takes less than one at a time.
    "neighbour-1": (lambda run: neighbour(run, 30, 60, 115), {key: column for key, column in NEIGHBOUR.items() if key != "ksmd_cpu_s"}),
    "neighbour-2": (lambda run: neighbour(run, 30, 60, 115), NEIGHBOUR),
    "zero-never": (zero, ZERO),
    "zero-always": (zero, ZERO),
    **{f"scale-{gib}": (lambda run, gib=gib: scale(run, gib), SCALE) for gib in (1, 2, 4, 8, 16)},
    "machines": (machines, {**SHARED, "us_per_merged_page": WAVE["us_per_merged_page"]}),
    "idle": (idle, {
        "cpu_percent": ("ksmd", "{:.4f} %"), "wakeups_per_s": ("wake-ups of it", "{:.2f} /s"),
        "daemon_cpu_percent": ("daemon", "{:.4f} %"), "saved_mib": SHARED["saved_mib"]}),
}


def about(kind, name):
    """The first line of a file in loads/ or peers/."""
    with open(os.path.join(HERE, kind, name), encoding="ascii") as file:
        return file.readline().lstrip("# ").strip()


def main():
    build, wanted = sys.argv[1], [case.split(":") for case in sys.argv[2:]]
    result = {"date": datetime.date.today().isoformat(),
              "command": "make bench" + "".join(f" {name}='{os.environ[name]}'"
                                                for name in ("PEER", "LOAD", "QUICK") if os.environ.get(name)),
              "clock": "virtual: qemu -icount shift=0,sleep=off, 1 CPU, 1 GiB where it does not say else", "more": MORE, "kernels": {}, "loads": {}}
    with open(os.path.join(TOP, "configs", "test.config"), "rb") as file:
        result["config"] = hashlib.sha256(file.read()).hexdigest()[:12]
    for load in dict.fromkeys(load for load, _ in wanted):
        measure, columns = LOADS[load]
        shown = {"about": about("loads", load), "columns": columns, "peers": {}}
        for peer in PEERS:
            if [load, peer] not in wanted:
                continue
            run = Run(os.path.join(build, load, peer + ".csv"))
            shown["peers"][peer] = {"about": about("peers", peer), "seconds": run.end,
                                    **run.common(), **measure(run)}
            result["kernels"]["base" if peer.startswith("base") else "with the series"] = run.notes["release"]
        result["loads"][load] = shown
    target = os.path.join(build, "figures.json")
    with open(target + ".new", "w", encoding="ascii") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    os.replace(target + ".new", target)


if __name__ == "__main__":
    main()
