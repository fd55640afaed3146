#!/usr/bin/env python3
"""The demo's samples as a table, a tidy timeline.csv and a chart in report.html.

usage: report.py DIR RUN-MODE ...     (reads RUN-MODE/output, writes to DIR)
"""
import csv
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile

COLOURS = {"none": "#8b8f98", "scan-time": "#e07b1a", "watermark": "#2f7fe0"}
ORDER = list(COLOURS)
CPU_WINDOW = 2.0    # seconds over which ksmd's share of a CPU is taken


def read(directory):
    """One run: its samples, when what happened, and the watermarks."""
    run = {"mode": directory.rsplit("demo-", 1)[1], "events": {}, "marks": {}, "rows": []}
    header = None
    with open(os.path.join(directory, "output"), encoding="ascii", errors="replace") as file:
        for line in file:
            words = line.split()
            if line.startswith("# event"):
                run["events"][words[3]] = float(words[2])
            elif line.startswith(("# high", "# low")):
                run["marks"][words[1]] = int(words[2]) / 10
            elif line.startswith("# release"):
                run["release"] = words[2]
            elif line.startswith("t,"):
                header = line.strip().split(",")
            elif header and re.fullmatch(r"[0-9.]+(,-?[0-9]+)+\n", line):
                run["rows"].append(dict(zip(header, map(float, line.split(",")))))
    missing = {"arrive", "leave", "return"} - set(run["events"])
    if missing or len(run["rows"]) < 100:
        sys.exit(f"error: the samples in {directory}/output are not complete")
    first = 0
    for row in run["rows"]:
        while row["t"] - run["rows"][first]["t"] > CPU_WINDOW:
            first += 1
        old = run["rows"][first]
        spent = row["t"] - old["t"]
        row["available"] = 100 * row["available_kb"] / row["total_kb"]
        row["cpu"] = (row["ksmd_ns"] - old["ksmd_ns"]) / 1e7 / spent if spent else 0
    return run


def cpu(run, start, end):
    """ksmd's share of one CPU between two times, in percent."""
    one, two = (min(run["rows"], key=lambda row: abs(row["t"] - t)) for t in (start, end))
    return (two["ksmd_ns"] - one["ksmd_ns"]) / 1e7 / (two["t"] - one["t"])


def figures(run, low):
    arrive, leave = run["events"]["arrive"], run["events"]["leave"]
    stay = [row for row in run["rows"] if arrive <= row["t"] <= leave]
    saved = stay[-1]["saved_kb"]
    short = sum(new["t"] - old["t"] for old, new in zip(run["rows"], run["rows"][1:])
                if old["available"] < low)
    return [
        run["mode"],
        f"{saved / 1024:.0f} MiB",
        f"{next(row['t'] for row in stay if row['saved_kb'] >= 0.9 * saved) - arrive:.0f} s",
        f"{min(row['available'] for row in run['rows']):.0f} %",
        f"{short:.0f} s",
        f"{cpu(run, arrive - 20, arrive - 1):.2f} %",
        f"{cpu(run, arrive, arrive + 30):.1f} %",
        f"{cpu(run, leave - 20, leave - 1):.2f} %",
        f"{run['rows'][-1]['ksmd_ns'] / 1e9:.1f} s",
    ]


def table(runs, low):
    """Head and rows of the table, and what the columns mean."""
    head = [("", "advisor"), ("memory", "saved"), ("90 % of", "it after"), ("lowest", "available"),
            ("below", f"{low:.0f} % for"), ("ksmd CPU", "calm"), ("", "short"), ("", "settled"),
            ("", "in all")]
    notes = ["memory saved: just before half of the services leave; the time counts from their arrival",
             f"available: share of RAM; how long it was below {low:.0f} %, the low watermark, in all",
             "ksmd's share of a CPU: calm, the 20 s before the arrival; short, the 30 s after it; "
             "settled, the 20 s before half leave"]
    return head, [figures(run, low) for run in runs], notes


def print_table(head, rows, notes):
    lines = [[one for one, _ in head], [two for _, two in head]] + rows
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    print()
    for line in lines:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip())
    print()
    for note in notes:
        print(note)


def write_timeline(path, runs):
    with open(path, "w", encoding="ascii", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["mode", "t", "available_kb", "total_kb", "saved_kb", "pages_to_scan",
                      "ksmd_cpu_percent", "ksmd_ns", "full_scans", "pages_scanned"])
        for run in runs:
            for row in run["rows"]:
                out.writerow([run["mode"], f"{row['t']:.3f}"] +
                             [f"{row[key]:.0f}" for key in ("available_kb", "total_kb", "saved_kb", "pages_to_scan")] +
                             [f"{row['cpu']:.2f}"] +
                             [f"{row[key]:.0f}" for key in ("ksmd_ns", "full_scans", "pages_scanned")])


def chart(runs, marks, work):
    """The SVG, drawn by gnuplot. Whatever is black takes the colour of the
    page's text, so that it can be read on dark and on light."""
    events = runs[-1]["events"]
    end = runs[-1]["rows"][-1]["t"]
    for run in runs:
        with open(f"{work}/{run['mode']}", "w", encoding="ascii") as file:
            for row in run["rows"]:
                file.write(f"{row['t']} {row['available']} {row['saved_kb'] / 1024} "
                           f"{row['cpu']} {max(row['pages_to_scan'], 1)}\n")
    phases = (("plenty of memory", 0, events["arrive"]),
              ("seven more arrive and stay", events["arrive"], events["leave"]),
              ("half leave", events["leave"], events["return"]), ("and come back", events["return"], end))
    script = [f"set output '{work}/svg'",
              "set terminal svg size 960,1020 font 'sans-serif,13' dynamic noenhanced",
              f"set multiplot; set lmargin 9; set rmargin 3; set xrange [0:{end}]; unset key",
              "set grid lc rgb '#c0808080' dt 3 lw 1; set tics nomirror; set border 3; set format x ''",
              "set style line 9 lc rgb '#60808080' lw 1.2"]
    script += [f"set arrow from {events[name]}, graph 0 to {events[name]}, graph 1 nohead ls 9"
               for name in ("arrive", "leave", "return")]
    panels = (("Available memory, % of RAM", 2, "set yrange [0:*]; set ytics 20"),
              ("Memory saved by KSM, MiB", 3, "set yrange [0:*]; set ytics 100"),
              ("ksmd, % of one CPU", 4, "set yrange [0:*]; set ytics 20"),
              ("pages_to_scan (0 = ksmd rests)", 5,
               "set yrange [0.7:50000]; set logscale y; set ytics ('0' 1, '10' 10, '100' 100, '1000' 1000, '10000' 10000)"))
    top, height, gap = 0.965, 0.195, 0.047
    for number, (title, column, settings) in enumerate(panels):
        script.append(f"set tmargin at screen {top}; set bmargin at screen {top - height}; {settings}")
        script.append(f"set label 1 '{title}' at graph 0, graph 1.09 font ',14'")
        top -= height + gap
        if number == 0:
            script += [f"set label {i + 2} '{text}' at {(one + two) / 2}, graph 0.94 center font ',11'"
                       for i, (text, one, two) in enumerate(phases)]
            for i, (name, text) in enumerate((("high", "high: ksmd rests"), ("low", "low: full speed"))):
                script.append(f"set arrow {20 + i} from graph 0, first {marks[name]} to graph 1, first {marks[name]} "
                              "nohead lc rgb '#d0406a' dt 2 lw 1.3")
                script.append(f"set label {10 + i} '{text}' at 1, {marks[name]} offset 0,0.6 "
                              "font ',11' textcolor rgb '#d0406a'")
        if number == len(panels) - 1:
            script.append("set format x '%.0f'; set xlabel 'seconds' offset 0,0.4")
        script.append("plot " + ", ".join(
            f"'{work}/{run['mode']}' using 1:{column} with lines lw 2 lc rgb '{COLOURS[run['mode']]}'" for run in runs))
        if number == 0:
            script.append("unset label; unset arrow 20; unset arrow 21")
    try:
        subprocess.run(["gnuplot"], input="\n".join(script + ["unset multiplot"]), text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: gnuplot did not draw the chart: {error}")
    with open(f"{work}/svg", encoding="utf-8") as file:
        svg = file.read()
    svg = svg[svg.index("<svg"):]
    return re.sub(r'''(["'])(black|rgb\( *0, *0, *0\))\1''', '"currentColor"', svg).replace('color="currentColor"', "")


PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>KSM under memory pressure: three advisors</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
th, td {{ padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8886 }}
th:first-child, td:first-child {{ text-align: left }}
th {{ font-weight: 600; vertical-align: bottom }}
svg {{ width: 100%; height: auto; margin-top: 1rem }}
i {{ display: inline-block; width: 1.4em; height: .3em; margin-right: .5em; vertical-align: middle }}
.legend span {{ margin-right: 2rem; white-space: nowrap }}
.notes {{ font-size: .85rem }}
div {{ overflow-x: auto }}
</style>
<h1>KSM under memory pressure</h1>
<p>The same ten services (python3, perl and redis from Debian), all of their memory open to merging, in a
guest of {ram} MiB, Linux {release}, swap off. Three run while memory is plenty, the others arrive one a second,
then half of all leave and come back. ksmd is run by each advisor in turn, with the default settings.</p>
<div><table>
<tr>{head}</tr>
{rows}
</table></div>
<p class="notes">{notes}.</p>
<p class="legend">{legend}</p>
{svg}
<p class="notes">The dashed lines are the watermark advisor's own marks: with more memory available than the
high one ksmd rests, with less than the low one it may use all of advisor_max_cpu.<br>
The clock is virtual (QEMU counts instructions, one a nanosecond), so that the chart does not depend
on the speed of the machine. ksmd's share of the CPU is taken over {window:.0f} s. All samples are in timeline.csv.</p>
</html>
"""


def write_report(path, runs, marks, cells, work):
    head, rows, notes = cells
    swatch = {mode: f'<i style="background:{colour}"></i>' for mode, colour in COLOURS.items()}
    page = PAGE.format(
        ram=round(runs[0]["rows"][0]["total_kb"] / 1024), release=html.escape(runs[0].get("release", "")),
        head="".join(f"<th>{one}<br>{two}</th>" for one, two in head),
        rows="\n".join("<tr>" + "".join(f"<td>{swatch[row[0]] if i == 0 else ''}{cell}</td>"
                                        for i, cell in enumerate(row)) + "</tr>" for row in rows),
        notes=".<br>".join(note[0].upper() + note[1:] for note in notes),
        legend="".join(f"<span>{swatch[run['mode']]}{run['mode']}</span>" for run in runs),
        svg=chart(runs, marks, work), window=CPU_WINDOW)
    with open(path, "w", encoding="utf-8") as file:
        file.write(page)


def main():
    out = sys.argv[1]
    runs = sorted((read(path) for path in sys.argv[2:]), key=lambda run: ORDER.index(run["mode"]))
    marks = {"high": 40, "low": 20, **runs[-1]["marks"]}
    cells = table(runs, marks["low"])
    # Both files appear whole, or not at all.
    work = tempfile.mkdtemp(dir=out, prefix="work.")
    try:
        write_timeline(f"{work}/timeline.csv", runs)
        write_report(f"{work}/report.html", runs, marks, cells, work)
        for name in ("timeline.csv", "report.html"):
            os.replace(f"{work}/{name}", f"{out}/{name}")
    finally:
        shutil.rmtree(work)
    print_table(*cells)


main()
