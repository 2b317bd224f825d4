#!/usr/bin/env python3
"""Measures loads and writes the result into README.md, between its `bench` marks.

    tests/bench/bench.py BUILD            measures, writes README.md and load.svg
    tests/bench/bench.py BUILD --check    fails when the modelled times there are no longer true

Modelled times come from the board's books (load_bench), wall times from the server with a board
that keeps to the clock: from vFlashDone to its answer, median of five, as a ratio to the modelled
time. BUILD is a build folder (Release for fair wall times).
"""

import os
import random
import re
import statistics
import subprocess
import sys
import time

import timeline
from board import Board

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, "..", "..", "README.md")
PICTURE = os.path.join(HERE, "load.svg")
BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"
TOLERANCE = 1.02  # of --check
ROUNDS = 5
IMAGE_SIZE = 78403
LAST_SECTOR = 100  # bytes before the end, in the last sector
SECTORS = 128 * 1024
PROBES = ("v21", "v3")


# ---- wall time: the cases of load_bench.c, by what they are called there ----

def make_blank(board, _):
	board.record(b"", SECTORS)
	board.run()


def make_dirty(board, randoms):
	load(board, randoms.randbytes(SECTORS))


def load(board, image):
	board.record(image)
	start = time.monotonic()
	board.run()
	return time.monotonic() - start


def wall_round(board, randoms):
	"""All cases once; each leaves what the next one wants."""
	image = randoms.randbytes(IMAGE_SIZE)
	changed = bytearray(image)
	changed[-LAST_SECTOR] ^= 0x5A
	make_blank(board, randoms)
	times = {"blank chip": load(board, image)}
	times["nothing changed"] = load(board, image)
	times["last sector changed"] = load(board, bytes(changed))
	make_dirty(board, randoms)
	times["all 5 sectors dirty"] = load(board, image)
	return times


def wall_times(build, probe):
	randoms = random.Random(1)
	with Board(build, probe) as board:
		rounds = [wall_round(board, randoms) for _ in range(ROUNDS)]
	return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


# ---- modelled time ----

def load_bench(build, *arguments):
	program = os.path.join(build, "tests", "bench", "load_bench")
	return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE,
		text=True).stdout


def modelled_times(build):
	"""{(chip, case): {probe: (seconds, bound)}}, in the order of the table."""
	cases = {}
	for line in load_bench(build).splitlines():
		chip, name, probe, taken, bound = line.split("\t")
		cases.setdefault((chip, name), {})[probe] = int(taken) / 1e6, int(bound) / 1e6
	return cases


# ---- the README's section ----

def cells(modelled, wall):
	taken, bound = modelled
	least = f"{bound:.2f} s" if bound else "-"
	ratio = f"{wall / taken:.2f}" if wall else "-"
	return f"**{taken:.2f} s** | {least} | {ratio}"


def table(cases, walls):
	yield "| load | V2-1, 4000 kHz | bound | wall | V3, 24 MHz | bound | wall |"
	yield "|---|---|---|---|---|---|---|"
	for (chip, name), modelled in cases.items():
		row = " | ".join(cells(modelled[probe], walls[probe].get(name)) for probe in PROBES)
		yield f"| {chip[:9].upper()}, {name} | {row} |"


def section(cases, walls):
	return "\n".join([*table(cases, walls), "",
		"The first four rows are 78,403 random bytes, as many as the official firmware of an STM32F401",
		"flight controller has. Times are those of the board's own books, at the data sheet's typical",
		"values and 3.3 V. *Bound*: erasing and programming of the best plan, or moving its bytes over",
		"the wire where that takes longer.",
		f"*Wall*: median of {ROUNDS} loads through the server into a board that keeps to the clock,",
		"divided by the modelled time.", "",
		"![one load as a timeline](tests/bench/load.svg)", ""])


def split_readme():
	with open(README, encoding="utf-8") as file:
		text = file.read()
	before, rest = text.split(BEGIN)
	inside, after = rest.split(END)
	return before, inside, after


def picture(build, cases):
	taken = next(iter(cases.values()))["v21"][0]
	return timeline.draw(load_bench(build, "trace"),
		f"One load: 78,403 bytes over five dirty sectors in {taken:.2f} s",
		"ST-LINK/V2-1 at 4000 kHz, STM32F401CC at 3.3 V, modelled time. Dark: data; "
		"pale: asking whether the flash is done.")


def write(build):
	cases = modelled_times(build)
	walls = {probe: wall_times(build, probe) for probe in PROBES}
	before, _, after = split_readme()
	with open(README, "w", encoding="utf-8") as file:
		file.write(before + BEGIN + section(cases, walls) + END + after)
	with open(PICTURE, "w", encoding="utf-8") as file:
		file.write(picture(build, cases))
	print("\n".join(table(cases, walls)))


def check(build):
	"""What the README promises is kept; to be faster than promised by more is no lie either."""
	promised = re.findall(r"\*\*([\d.]+) s\*\*", split_readme()[1])
	cases = modelled_times(build)
	measured = [(case, probe, modelled[probe][0]) for case, modelled in cases.items()
		for probe in PROBES]
	wrong = len(promised) != len(measured)
	for text, (case, probe, taken) in zip(promised, measured):
		late = taken > float(text) * TOLERANCE + 0.005
		wrong |= late
		print(f"{case[0]} {case[1]}, {probe}: {taken:.3f} s, README {text} s"
			f"{' <-- slower' if late else ''}")
	return int(wrong)


def main(arguments):
	if len(arguments) == 2 and arguments[1] == "--check":
		return check(arguments[0])
	if len(arguments) != 1:
		print(__doc__)
		return 2
	write(arguments[0])
	return 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
