#!/usr/bin/env python3
"""OpenOCD, st-util and stlink-gdb side by side; started by compare.sh.

    tests/bench/compare.py BUILD      measures, writes compare.json and all that is made of it
    tests/bench/compare.py --write    makes it again of the committed compare.json
    tests/bench/compare.py --check    fails when README.md, compare.md or compare.svg differ from it

Made of compare.json: README.md between its `compare` marks, compare.md (all figures) and compare.svg.
Measuring takes minutes, so it is no part of the tests; --check is.
"""

import json
import os
import sys

import compare_chart
import compare_table

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, "..", "..", "README.md")
RESULT = os.path.join(HERE, "compare.json")
BEGIN, END = "<!-- compare: begin -->\n", "<!-- compare: end -->\n"


def read(path):
	with open(path, encoding="utf-8") as file:
		return file.read()


def products(result):
	"""What is made of a result: {path: text}."""
	before, rest = read(README).split(BEGIN)
	_, after = rest.split(END)
	return {
		README: before + BEGIN + compare_table.section(result) + END + after,
		os.path.join(HERE, "compare.md"): compare_table.everything(result),
		os.path.join(HERE, "compare.svg"): compare_chart.draw(result),
	}


def write():
	for path, text in products(json.loads(read(RESULT))).items():
		with open(path, "w", encoding="utf-8") as file:
			file.write(text)
	return 0


def check():
	wrong = [path for path, text in products(json.loads(read(RESULT))).items() if read(path) != text]
	for path in wrong:
		print(f"{path} is not what compare.json says: compare.py --write")
	return int(bool(wrong))


def measure(build):
	import compare_lab  # needs the guest, which the other two do not
	result = compare_lab.measure_all(os.path.abspath(build), compare_lab.PEERS)
	with open(RESULT, "w", encoding="utf-8") as file:
		json.dump(result, file, indent=1)
		file.write("\n")
	return write()


def main(arguments):
	if len(arguments) != 1:
		print(__doc__)
		return 2
	if arguments[0] == "--check":
		return check()
	return write() if arguments[0] == "--write" else measure(arguments[0])


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
