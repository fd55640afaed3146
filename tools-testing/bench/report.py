#!/usr/bin/env python3
"""The report: a table and a timeline for each load, all in one HTML file.

usage: report.py BUILD-DIR     (reads figures.json and LOAD/PEER.csv in it, writes
                                report.html, and prints the tables)
"""
import html
import json
import os
import re
import subprocess
import sys
import tempfile

from figures import PEERS, Run

OURS = "watermark"
COLOURS = dict(zip(PEERS, ("#c9b7a5", "#8b8f98", "#b0488f", "#e07b1a", "#3f9b4b", "#9a8400",
                           "#4bb3c4", "#8f7fe8", "#2f7fe0")))
CPU_WINDOW = 2.0    # seconds over which ksmd's share of a CPU is taken
PANELS = (("Available memory, % of RAM", "set yrange [0:100]; set ytics 20"),
          ("Memory saved by KSM, MiB", "set yrange [0:*]; set ytics autofreq"),
          ("ksmd, % of one CPU", "set yrange [0:*]; set ytics autofreq"),
          ("pages_to_scan (0: ksmd rests)",
           "set yrange [0.7:50000]; set logscale y; set ytics ('0' 1, '10' 10, '100' 100, '1000' 1000, '10000' 10000)"))


def cells(load, peer):
    """A row of the table: each figure, and how often it is ours."""
    ours = load["peers"].get(OURS, {})
    for key, (_, form) in load["columns"].items():
        value, best = peer.get(key), ours.get(key)
        if value is None:
            yield "never", ""
        elif peer is ours or best is None or form.format(0) in (form.format(best), form.format(value)):
            yield form.format(value), ""
        else:
            ratio = value / best
            yield form.format(value), f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def print_table(name, load):
    rows = [["peer"] + [head for head, _ in load["columns"].values()]]
    rows += [[peer] + [f"{text} ({ratio})" if ratio else text for text, ratio in cells(load, figures)]
             for peer, figures in load["peers"].items()]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    print(f"\n{name}: {load['about']}")
    for row in rows:
        print("  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def points(run, path):
    """What gnuplot draws: a few hundred points are as good as thousands."""
    first, step = 0, max(1, len(run.rows) // 1200)
    with open(path, "w", encoding="ascii") as file:
        for i, row in enumerate(run.rows):
            while row["t"] - run.rows[first]["t"] > CPU_WINDOW and first < i - 1:
                first += 1
            old = run.rows[first]
            spent = row["t"] - old["t"]
            if i % step == 0:
                file.write(f"{row['t']} {100 * row['available_kb'] / row['total_kb']} {row['saved_kb'] / 1024} "
                           f"{(row['ksmd_ns'] - old['ksmd_ns']) / 1e7 / spent if spent else 0} "
                           f"{max(row['pages_to_scan'], 1)}\n")


def chart(build, name, load, work):
    """The SVG, drawn by gnuplot. Whatever is black takes the colour of the
    page's text, so that it can be read on dark and on light."""
    runs = {peer: Run(os.path.join(build, name, peer + ".csv")) for peer in load["peers"]}
    for peer, run in runs.items():
        points(run, f"{work}/{peer}")
    script = [f"set output '{work}/svg'",
              "set terminal svg size 960,1020 font 'sans-serif,13' dynamic noenhanced",
              f"set multiplot; set lmargin 9; set rmargin 3; set xrange [0:{max(run.end for run in runs.values())}]; unset key",
              "set grid lc rgb '#c0808080' dt 3 lw 1; set tics nomirror; set border 3; set format x ''"]
    top, height, gap = 0.965, 0.195, 0.047
    for number, (title, settings) in enumerate(PANELS):
        script.append(f"set tmargin at screen {top}; set bmargin at screen {top - height}; unset logscale; {settings}")
        script.append(f"set label 1 '{title}' at graph 0, graph 1.09 font ',14'")
        top -= height + gap
        if number == len(PANELS) - 1:
            script.append("set format x '%.0f'; set xlabel 'seconds' offset 0,0.4")
        script.append("plot " + ", ".join(
            f"'{work}/{peer}' using 1:{number + 2} with lines lw {3 if peer == OURS else 1.6} lc rgb '{COLOURS[peer]}'"
            for peer in runs))
    try:
        subprocess.run(["gnuplot"], input="\n".join(script + ["unset multiplot"]), text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: gnuplot did not draw the chart of {name}: {error}")
    with open(f"{work}/svg", encoding="utf-8") as file:
        svg = file.read()
    svg = svg[svg.index("<svg"):]
    # One page holds several: what gnuplot names in each has to differ.
    svg = re.sub(r"""(\bid=["']|["'(]#)(?=[A-Za-z])""", lambda match: f"{match.group(0)}{name}-", svg)
    return re.sub(r'''(["'])(black|rgb\( *0, *0, *0\))\1''', '"currentColor"', svg).replace('color="currentColor"', "")


PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>KSM side by side</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem }}
th, td {{ padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8886; white-space: nowrap }}
th:first-child, td:first-child {{ text-align: left }}
th {{ font-weight: 600; vertical-align: bottom; white-space: normal }}
small {{ opacity: .7 }}
svg {{ width: 100%; height: auto; margin-top: 1rem }}
i {{ display: inline-block; width: 1.4em; height: .3em; margin-right: .5em; vertical-align: middle }}
div {{ overflow-x: auto }}
</style>
<h1>KSM side by side</h1>
<p>{command}, {date}. Kernels {kernels}, configuration {config}. Clock: {clock}. The small figures are the
ratio to the watermark advisor's.</p>
<ul>
{peers}
</ul>
{loads}
</html>
"""


def section(build, name, load, work):
    rows = "\n".join(
        f'<tr><td><i style="background:{COLOURS[peer]}"></i>{peer}</td>' +
        "".join(f"<td>{text} <small>{ratio}</small></td>" for text, ratio in cells(load, figures)) + "</tr>"
        for peer, figures in load["peers"].items())
    head = "".join(f"<th>{heading}</th>" for heading, _ in load["columns"].values())
    return (f'<h2 id="{name}">{name}</h2>\n<p>{html.escape(load["about"])}.</p>\n'
            f"<div><table>\n<tr><th>peer</th>{head}</tr>\n{rows}\n</table></div>\n{chart(build, name, load, work)}")


def main():
    build = sys.argv[1]
    with open(os.path.join(build, "figures.json"), encoding="ascii") as file:
        result = json.load(file)
    peers = {peer: figures["about"] for load in result["loads"].values() for peer, figures in load["peers"].items()}
    with tempfile.TemporaryDirectory(dir=build, prefix="work.") as work:
        page = PAGE.format(
            command=html.escape(result["command"]), date=result["date"], config=result["config"],
            kernels=", ".join(f"{name} {release}" for name, release in result["kernels"].items()),
            clock=html.escape(result["clock"]),
            peers="\n".join(f'<li><i style="background:{COLOURS[peer]}"></i>{peer}: {html.escape(about)}</li>'
                            for peer, about in peers.items()),
            loads="\n".join(section(build, name, load, work) for name, load in result["loads"].items()))
        with open(f"{work}/report.html", "w", encoding="utf-8") as file:
            file.write(page)
        os.replace(f"{work}/report.html", os.path.join(build, "report.html"))
    for name, load in result["loads"].items():
        print_table(name, load)


main()
