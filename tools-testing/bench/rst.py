#!/usr/bin/env python3
"""Figures that the documents quote, from the stored Documentation/figures.json.

usage: rst.py write     rewrites the part of Documentation/benchmarks.rst between
                        ".. bench: begin" and ".. bench: end"
       rst.py check     says, as "ok - ..." and "not ok - ...", whether that part and
                        the sentences of the file "quotes" are what the figures give
"""
import glob
import json
import os
import re
import string
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
RST = os.path.join(TOP, "Documentation", "benchmarks.rst")
BEGIN, END = ".. bench: begin\n", ".. bench: end\n"
OURS = "watermark"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join([rule, lines[0], rule] + lines[1:] + [rule])


def show(form, value):
    return "never" if value is None else form.format(value)


def section(name, load):
    """A table: figures down, peers across, because there are more peers than fit."""
    peers = load["peers"]
    parts = [name, "-" * len(name), "", load["about"] + ".", ""]
    others = [peer for peer in peers if peer != OURS]
    for first in range(0, max(len(others), 1), 4):
        group = others[first:first + 4] + [OURS] * (OURS in peers)
        rows = [["figure"] + group]
        rows += [[head] + [show(form, peers[peer].get(key)) for peer in group]
                 for key, (head, form) in load["columns"].items()]
        parts += [table(rows), ""]
    return "\n".join(parts)


def losses(result):
    """Whatever a peer that runs ksmd does better than we do, by more than 5 %."""
    for name, load in result["loads"].items():
        for key, (head, form) in load["columns"].items():
            if OURS not in load["peers"]:
                continue
            ours = load["peers"][OURS].get(key)
            sign = -1 if key in result["more"] else 1
            better = [f"{show(form, figures[key])} ``{peer}``" for peer, figures in load["peers"].items()
                      if peer not in (OURS, "base-off") and figures.get(key) is not None and
                      (ours is None or sign * ours > sign * figures[key] + 0.05 * abs(figures[key])) and
                      show(form, figures[key]) != show(form, ours)]
            if better:
                yield f"- {name}, {head}: {show(form, ours)}, and {', '.join(better)}"


def generated(result):
    peers = {peer: figures["about"] for load in result["loads"].values() for peer, figures in load["peers"].items()}
    kernels = ", ".join(f"{name} {release}" for name, release in result["kernels"].items())
    text = [f"Figures of {result['date']}, {kernels}, ``configs/test.config`` ({result['config']}),",
            f"{result['clock']}::", "", f"    {result['command']}", ""]
    text += [f"- ``{peer}``: {about}" for peer, about in peers.items()] + [""]
    parts = ["\n".join(text)] + [section(*item) for item in result["loads"].items()]
    heading = f"Where ``{OURS}`` loses"
    parts += ["\n".join([heading, "-" * len(heading), "", "By more than 5 %:", "", *losses(result), ""])]
    return "\n".join(parts)


class Figures(string.Formatter):
    """{LOAD/PEER/KEY:FORMAT} in a quote"""
    def get_field(self, field_name, args, kwargs):
        load, peer, key = field_name.split("/")
        return args[0]["loads"][load]["peers"][peer][key], field_name


def spaced(text):
    """In a patch or a letter a sentence may be wrapped anywhere."""
    return re.sub(r"\s+", " ", text)


def check(result):
    good = True

    def say(passed, what):
        nonlocal good
        good = good and passed
        print(("ok - " if passed else "not ok - ") + what)

    text = read(RST)
    say(text[text.index(BEGIN) + len(BEGIN):text.index(END)] == "\n" + generated(result) + "\n",
        "Documentation/benchmarks.rst shows the stored figures")
    for line in read(os.path.join(HERE, "quotes")).splitlines():
        if not line or line.startswith("#"):
            continue
        name, _, quote = line.partition(": ")
        quote = Figures().format(quote, result)
        # A patch is named without its number.
        files = glob.glob(os.path.join(TOP, name))
        say(len(files) == 1 and spaced(quote) in spaced(read(files[0])), f"{name} says: {quote}")
    return good


def main():
    result = json.loads(read(os.path.join(TOP, "Documentation", "figures.json")))
    if sys.argv[1:] == ["check"]:
        sys.exit(not check(result))
    text = read(RST)
    text = text[:text.index(BEGIN) + len(BEGIN)] + "\n" + generated(result) + "\n" + text[text.index(END):]
    with open(RST + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(RST + ".new", RST)


main()
