#!/usr/bin/env python3
"""Counts what debugging costs with the real gdb, and writes README.md between its `debug` marks.

    tests/bench/debug_bench.py BUILD            measures, and writes README.md
    tests/bench/debug_bench.py BUILD --check    fails when it now costs more than README.md says

Counts and times are those of the board's own books, from what is typed until the board is left
alone again, so what the server reads ahead is in them. While the core runs the server looks at it
by the wall clock, so rows with a run in them differ a little from time to time.
"""

import os
import re
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

import image  # noqa: E402
from board import Board  # noqa: E402
from gdb import Gdb  # noqa: E402
from process import Process, wait_until, wait_until  # noqa: E402

README = os.path.join(HERE, "..", "..", "README.md")
BEGIN, END = "<!-- debug: begin -->\n", "<!-- debug: end -->\n"
PROBES = [("V2-1 J26", ["--probe", "v21", "--firmware", "V2J26M16"]),
		  ("V2-1 J37", ["--probe", "v21"]),
		  ("V3", ["--probe", "v3"])]
QUIET = 5  # looks at the books without a change: nobody is on the wire
TOLERANCE, SLACK = 1.1, 4  # of --check, for rows with a run in them
ROUNDS = 5
STEPS = 100
LIMITS = {"`stepi`": 12, f"`stepi`, the most of {STEPS}": 12, "`next`": 60, "`x/256xw`": 12}
LIMITS_J26 = {"`stepi`": 24, f"`stepi`, the most of {STEPS}": 24, "`next`": 100, "`x/256xw`": 12}
RAM_KB = 64


class Bench:
	"""One board, one server, one gdb."""

	def __init__(self, build, folder, probe):
		state = os.path.join(folder, "state")
		self.board = Board(folder, build, "--pace", "free", "--state", state, *probe)
		self.server = Process(folder, "server", [
			os.path.join(build, "stlink-gdb"), "-p", "0",
			"--probe", f"usbip:127.0.0.1:{self.board.port}/1-1"])
		self.port = self.server.wait_for(r"^Listening on port (\d+)$", "out").group(1)
		self.gdb = Gdb(folder, program=image.FLIGHT_ELF)

	def close(self):
		if self.gdb.is_running():
			self.gdb.quit()
		self.server.stop()
		self.board.close()
		self.board.stop()

	def settle(self):
		"""The books, when they stand still: a halted core is not asked anything."""
		last, same = None, 0
		while same < QUIET:
			books = self.board.books()
			same = same + 1 if last and transfers(books) == transfers(last) else 0
			last = books
			self.gdb("monitor version")
		return last

	def cost(self, action, settle=True):
		"""(USB transfers, modelled milliseconds) of an action."""
		before = self.settle() if settle else self.board.books()
		action()
		after = self.settle() if settle else self.board.books()
		spent_ns = (after["time_ns"] - after["idle_ns"]) - (before["time_ns"] - before["idle_ns"])
		return transfers(after) - transfers(before), spent_ns / 1e6


def transfers(books):
	return books["usb_in"] + books["usb_out"]


# ---- the actions, in the order of a session ----

def measure(bench):
	"""{row: (transfers, milliseconds)}"""
	gdb, costs = bench.gdb, {}
	costs["attach"] = bench.cost(lambda: gdb.connect(bench.port), settle=False)
	gdb("load")
	gdb("break motors_mix")
	gdb.go("continue")
	gdb("tbreak +1")
	costs["`continue` to the next line"] = bench.cost(lambda: gdb.go("continue"))
	gdb.go("stepi")
	costs["`stepi`"] = bench.cost(lambda: gdb.go("stepi"))
	costs["`next`"] = bench.cost(lambda: gdb.go("next"))
	steps = [bench.cost(lambda: gdb.go("stepi")) for _ in range(STEPS)]
	costs[f"`stepi`, the most of {STEPS}"] = max(steps)
	gdb.go("continue")
	costs["`bt`"] = bench.cost(lambda: gdb("bt"))
	costs["`finish`"] = bench.cost(lambda: gdb.go("finish"))
	costs["`x/256xw`"] = bench.cost(lambda: gdb("x/256xw 0x20000000"))
	file = os.path.join(os.path.dirname(gdb.log_path), "dump")
	costs[f"dump of {RAM_KB} KB"] = bench.cost(
		lambda: gdb(f"dump memory {file} 0x20000000 0x20010000"))
	gdb("delete")
	gdb.resume()
	wait_until("the core to run", lambda: not bench.board.is_halted())
	costs["Ctrl-C"] = bench.cost(gdb.stop_with_ctrl_c, settle=False)
	costs["detach"] = bench.cost(lambda: gdb("detach"), settle=False)
	return costs


def run(build):
	measured = {}
	for name, probe in PROBES:
		folder = tempfile.mkdtemp(prefix="debug-bench-")
		bench = Bench(build, folder, probe)
		try:
			for row, cost in measure(bench).items():
				measured.setdefault(row, {})[name] = cost
		finally:
			bench.close()
			shutil.rmtree(folder)
	return measured


# ---- the README's section ----

def table(measured):
	yield "| | " + " | ".join(f"{name}: transfers | ms" for name, _ in PROBES) + " |"
	yield "|---|" + "---|---|" * len(PROBES)
	for row, costs in measured.items():
		cells = " | ".join(f"{costs[name][0]} | {costs[name][1]:.1f}" for name, _ in PROBES)
		yield f"| {row} | {cells} |"


def split_readme():
	with open(README, encoding="utf-8") as file:
		before, rest = file.read().split(BEGIN)
	inside, after = rest.split(END)
	return before, inside, after


def write(measured):
	before, _, after = split_readme()
	with open(README, "w", encoding="utf-8") as file:
		file.write(before + BEGIN + "\n".join(table(measured)) + "\n" + END + after)


def promises():
	"""{row: {probe: transfers}}, as README.md says."""
	promised = {}
	for line in split_readme()[1].splitlines()[2:]:
		row, *cells = [cell.strip() for cell in line.strip("|").split("|")]
		promised[row] = {name: int(cell) for (name, _), cell in zip(PROBES, cells[::2])}
	return promised


def beyond_limits(counts):
	"""Those of {(row, probe): transfers} that are more than the project allows."""
	limits = {name: LIMITS_J26 if "J26" in name else LIMITS for name, _ in PROBES}
	return [(row, name) for (row, name), count in counts.items()
			if count > limits[name].get(row, count)]


def check(build):
	"""A busy machine only adds to the counts, so the least of a few rounds is what counts."""
	promised, least, late = promises(), {}, []
	for _ in range(ROUNDS):
		for row, costs in run(build).items():
			for name, (count, _) in costs.items():
				least[row, name] = min(count, least.get((row, name), count))
		late = [(row, name) for (row, name), count in least.items()
			if count > promised.get(row, {}).get(name, 0) * TOLERANCE + SLACK]
		late += beyond_limits(least)
		if not late:
			break
	for row, name in late:
		print(f"{row}, {name}: {least[row, name]} transfers, README {promised.get(row)}")
	return int(bool(late) or {row for row, _ in least} != set(promised))


def main(arguments):
	if not arguments or arguments[1:] not in ([], ["--check"]):
		print(__doc__)
		return 2
	if arguments[1:]:
		return check(arguments[0])
	measured = run(arguments[0])
	print("\n".join(table(measured)))
	late = beyond_limits({(row, name): cost[0] for row, costs in measured.items()
						  for name, cost in costs.items()})
	if late:
		print("beyond the project's limits:", late)
		return 1
	write(measured)
	return 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
