"""The tables of the comparison: one for the README, and one with all figures. Used by compare.py."""

OURS = "stlink-gdb"
CHECKED = ("OpenOCD HLA", "OpenOCD dapdirect", OURS)  # those that look at the status of what they do
PEERS = ("OpenOCD HLA", "OpenOCD dapdirect", "st-util", OURS)
SCENARIOS = {
	"attach": "start the server and attach",
	"load-dirty": "`load`, all 5 sectors dirty",
	"load-unchanged": "`load`, nothing changed",
	"load-one-sector": "`load`, one sector changed",
	"verify": "`compare-sections`",
	"breakpoint": "`break`, `continue` to it",
	"stepi": "one `stepi`",
	"next": "one `next`",
	"words": "`x/256xw`",
	"dump": "`dump` 64 KiB of RAM",
	"detach": "`detach`, end the server",
}
LOADS = ("load-dirty", "load-unchanged", "load-one-sector")
COLUMNS = ("transfers", "bytes", "wire ms", "modelled ms", "erases", "words", "wall ms")


def row(result, peer, name):
	return result["peers"][peer]["rows"].get(name)


def wire_ms(cells):
	"""USB, firmware and SWD: without what the board waits for."""
	return cells["modelled_ms"] - cells["idle_ms"]


def number(value):
	return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}".removesuffix(".0")


def fewest(result, name, value):
	"""Of those that check: whose figures are bold."""
	figures = {peer: value(row(result, peer, name)) for peer in CHECKED if row(result, peer, name)}
	return [peer for peer in figures if figures[peer] == min(figures.values())]


def cell(result, peer, name):
	cells = row(result, peer, name)
	if not cells:
		return "failed"
	transfers = number(cells["transfers"])
	if peer in fewest(result, name, lambda one: one["transfers"]):
		transfers = f"**{transfers}**"
	note = " ‡" if name == "detach" and result["peers"][peer]["leaves"] == "halted" else ""
	note += " §" if name in result["peers"][peer]["errors"] else ""
	return f"{transfers} · {number(wire_ms(cells))} ms{note}"


def transfers_table(result):
	yield "| USB transfers · time on the wire | " + " | ".join(
		f"{peer} †" if peer == "st-util" else peer for peer in PEERS) + " |"
	yield "|---|" + "---|" * len(PEERS)
	for name, words in SCENARIOS.items():
		yield f"| {words} | " + " | ".join(cell(result, peer, name) for peer in PEERS) + " |"


def load_cell(result, peer, name):
	cells = row(result, peer, name)
	if not cells:
		return "failed"
	seconds = f"{cells['modelled_ms'] / 1000:.2f} s"
	if peer in fewest(result, name, lambda one: one["modelled_ms"]):
		seconds = f"**{seconds}**"
	return f"{seconds}, {cells['erases']} erased, {cells['programmed']:,} words"


def loads_table(result):
	yield "| modelled time, sectors, words written | " + " | ".join(
		f"{peer} †" if peer == "st-util" else peer for peer in PEERS) + " |"
	yield "|---|" + "---|" * len(PEERS)
	for name in LOADS:
		yield f"| {SCENARIOS[name]} | " + " | ".join(
			load_cell(result, peer, name) for peer in PEERS) + " |"


def versions(result):
	known = result["versions"]
	return (f"OpenOCD {known['OpenOCD']}, st-util {known['st-util']}, stlink-gdb "
		f"{known['stlink-gdb']}, gdb {known['gdb']}")


def not_ahead(result):
	"""Where a peer that checks needs no more transfers than we do."""
	return [words for name, words in SCENARIOS.items()
		if fewest(result, name, lambda one: one["transfers"]) != [OURS]]


def times(result, name, peer=OURS):
	return row(result, peer, name)["times"]


def section(result):
	late = not_ahead(result)
	verdict = ("Fewest transfers of those that check everywhere." if not late else
		"A peer that checks needs no more transfers than stlink-gdb in: " + "; ".join(late) + ".")
	return "\n".join([*transfers_table(result), "", *loads_table(result), "",
		f"{versions(result)};",
		"all on the virtual V2-1 (V2J37) with an STM32F401CC, plugged into an emulated Linux guest over",
		"USB/IP and driven by the same gdb script; from the board's own books. *Bold*: the least of",
		"those that check whether a transfer succeeded.", verdict,
		f"`stepi` and `next` are means of {times(result, 'stepi')} and {times(result, 'next')}, of "
		f"{times(result, 'stepi', 'st-util')} and {times(result, 'next', 'st-util')} for st-util. "
		"*On the wire*: USB, the",
		"probe's firmware and SWD.",
		"*Modelled time* has waiting in it as well: for the flash, and for the slow guest.", "",
		"Do not compare the transfers of loads that erase too closely: while the flash erases, everybody",
		"asks it again and again, and a pause of up to 2 ms between two questions, such as OpenOCD makes,",
		"takes no modelled time on this board, so it asks more often than it would ask a real one; how",
		"often also depends on the load of the machine, by a factor of four from run to run. The",
		"modelled times are steadier, and so is most of what does not erase.", "",
		"gdb-multiarch takes a program for one of Linux where the server does not tell otherwise, as only",
		"stlink-gdb does, and reads around pc at every stop: a gdb for bare metal alone would spare the",
		"others that.", "",
		"† st-util 1.7 never looks at the status of a command, so its reads are unchecked; and as it",
		"gives its loader 500 ms of the wall clock, its board keeps to that: its modelled times are",
		"wall times of the guest, not comparable. ‡ leaves the core halted. § gdb: \"Remote doesn't",
		"know how to detach\"; what ending the server costs.", "",
		"![transfers of each server](tests/bench/compare.svg)", "",
		"[All figures](tests/bench/compare.md), wall time too. To repeat it, in some fifteen minutes:",
		"`tests/bench/compare.sh`", ""])


def everything(result):
	lines = ["# Side by side: all figures", "",
		f"{versions(result)}. Made of compare.json by compare.py; what the words mean is in",
		"the README, \"Side by side\". Wall time is that of an emulated guest on a shared machine.", "",
		"| scenario | server | " + " | ".join(COLUMNS) + " |", "|---|---|" + "---|" * len(COLUMNS)]
	for name, words in SCENARIOS.items():
		for peer in PEERS:
			cells = row(result, peer, name)
			error = result["peers"][peer]["errors"].get(name)
			figures = ["-"] * len(COLUMNS) if not cells else [number(value) for value in (
				cells["transfers"], cells["bytes"], wire_ms(cells), cells["modelled_ms"],
				cells["erases"], cells["programmed"], cells["wall_ms"])]
			lines.append(f"| {words} | {peer}{f' ({error})' if error else ''} | "
				+ " | ".join(figures) + " |")
	return "\n".join([*lines, ""])
