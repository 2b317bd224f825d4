#!/usr/bin/env python3
"""OpenOCD, st-util and stlink-gdb side by side; started by compare.sh.

    compare.py BUILD            measures, writes compare.json and all that is made of it
    compare.py BUILD --ours     the same of stlink-gdb alone; of the others it keeps the figures
    compare.py BUILD --short    measures less of those that check, and writes nothing
    compare.py --write          makes it again of the committed compare.json
    compare.py --check          fails when README.md, compare.md or compare.svg differ from it

Made of compare.json: README.md between its `compare` marks, compare.md (all figures) and compare.svg.
All but --write fail, too, when the figures miss a limit of compare_limits.py. Exit status 77: --short,
and the guest cannot be had.
"""

import json
import os
import sys

import compare_chart
import compare_limits
import compare_table

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, "..", "..", "README.md")
RESULT = os.path.join(HERE, "compare.json")
SKIP = 77
RETRIES = 2
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


def judge(result):
	missed = compare_limits.missed(result)
	for line in missed:
		print(f"missed: {line}")
	return int(bool(missed))


def check():
	result = json.loads(read(RESULT))
	wrong = [path for path, text in products(result).items() if read(path) != text]
	for path in wrong:
		print(f"{path} is not what compare.json says: compare.py --write")
	return int(bool(wrong)) | judge(result)


def measure(build, peers, result):
	import compare_lab  # needs the guest, which the others do not
	measured = compare_lab.measure_all(build, peers or compare_lab.PEERS, False)
	result["versions"].update(measured["versions"])
	result["peers"].update(measured["peers"])
	with open(RESULT, "w", encoding="utf-8") as file:
		json.dump(result, file, indent=1)
		file.write("\n")
	return write() | judge(result)


def measure_short(build):
	"""What else the machine does only adds to a figure, so ours gets a second and a third try."""
	import compare_lab
	try:
		result = compare_lab.measure_all(build, compare_table.CHECKED, True)
		for _ in range(RETRIES):
			if compare_limits.missed(result):
				again = compare_lab.measure_all(build, [compare_table.OURS], True)
				result["peers"].update(again["peers"])
	except compare_lab.Skip as error:
		print(f"skipped: {error}")
		return SKIP
	return judge(result)


def main(arguments):
	if arguments in (["--check"], ["--write"]):
		return check() if arguments == ["--check"] else write()
	build, *mode = [os.path.abspath(arguments[0]) if arguments else "-", *arguments[1:]]
	if mode == ["--short"]:
		return measure_short(build)
	if mode == ["--ours"]:
		return measure(build, [compare_table.OURS], json.loads(read(RESULT)))
	if mode or not arguments or arguments[0].startswith("-"):
		print(__doc__)
		return 2
	return measure(build, None, {"versions": {}, "peers": {}})


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
