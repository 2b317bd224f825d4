"""The servers that are compared, each driven through the same steps on a board of its own.

The guest and the board are those of ../usb (see its README.md). Used by compare.py.
"""

import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "usb"))
from guest.machine import Skip  # noqa: E402, F401: for compare.py
from lab.lab import Lab  # noqa: E402

STEP_S = 600
START_S = 60
EXIT_S = 20
PORT = 3333
BASE = 0x08000000
TABLES = (0x08001CCC, 0x080120AC)  # data only, in every sector: record_sticks to sine_table
CHANGED = 0x08011800  # a byte of sine_table, in the last sector

# Name, command line, the line that says it listens, and what leaves the core halted after a reset.
OPENOCD = "openocd {} -f target/stm32f4x.cfg -c 'tcl_port disabled' -c 'telnet_port disabled'"
PEERS = {
	"OpenOCD HLA": (OPENOCD.format("-f interface/stlink.cfg"),
		f"Listening on port {PORT} for gdb", "monitor reset halt"),
	"OpenOCD dapdirect": (
		OPENOCD.format("-f interface/stlink-dap.cfg -c 'transport select dapdirect_swd'"),
		f"Listening on port {PORT} for gdb", "monitor reset halt"),
	"st-util": (f"st-util --multi -p {PORT}", f"Listening at *:{PORT}",
		"monitor reset;monitor halt"),
	"stlink-gdb": ("{build}/stlink-gdb -p %d" % PORT, f"Listening on port {PORT}",
		"monitor reset halt"),
}
COUNTED = ("time_ns", "idle_ns", "usb_out", "usb_in", "usb_trace", "usb_control",
	"usb_out_bytes", "usb_in_bytes", "usb_trace_bytes", "erase_ns", "program_ns", "mass_erases")
WIDTHS = (("x8", 1), ("x16", 2), ("x32", 4))

# A board waits for nothing, so that times have little of the guest's slowness in them. st-util gives
# its loader 500 ms of the wall clock, so its board has to keep to that.
PACES = {"st-util": "real"}

# How many `stepi` and `next`. On a board that keeps to the wall clock one takes seconds.
STEPS = {"st-util": (20, 10)}
STEPS_MOST, STEPS_SHORT = (200, 100), (5, 3)


# ---- programs ----

def file_offset(elf, address):
	"""Where in an ELF the byte is that goes to this address of the flash."""
	at, = struct.unpack_from("<I", elf, 28)
	size, count = struct.unpack_from("<HH", elf, 42)
	for i in range(count):
		kind, offset, _, lma, length = struct.unpack_from("<5I", elf, at + i * size)
		if kind == 1 and lma <= address < lma + length:
			return offset + address - lma
	raise ValueError(f"nothing is loaded at {address:#x}")


def write_programs(lab):
	"""The program; the same with other tables in all sectors; the same but for one byte."""
	with open(os.path.join(lab.firmware, "flight.elf"), "rb") as file:
		same = file.read()
	start, size = file_offset(same, TABLES[0]), TABLES[1] - TABLES[0]
	dirty, changed = bytearray(same), bytearray(same)
	dirty[start:start + size] = random.Random(1).randbytes(size)
	changed[file_offset(same, CHANGED)] ^= 0x5A
	for name, elf in (("same", same), ("dirty", dirty), ("changed", changed)):
		with open(lab.path(name + ".elf"), "wb") as file:
			file.write(elf)


# ---- books ----

def flatten(books):
	counts = {name: books[name] for name in COUNTED}
	counts["erases"] = sum(books["erases"].values())
	counts["programmed"] = sum(books["programmed"][width] * size for width, size in WIDTHS) / 4
	return counts


def difference(before, after, times):
	return {name: (after[name] - before[name]) / times for name in after}


def row(spent, wall_s, times):
	"""What one scenario costs, as compare.json has it."""
	return {
		"times": times,
		"transfers": round(sum(spent["usb_" + end] for end in ("out", "in", "trace", "control")), 1),
		"bytes": round(sum(spent[f"usb_{end}_bytes"] for end in ("out", "in", "trace"))),
		"modelled_ms": round(spent["time_ns"] / 1e6, 2),
		"idle_ms": round(spent["idle_ns"] / 1e6, 2),
		"erases": round(spent["erases"] + spent["mass_erases"]),
		"programmed": round(spent["programmed"]),
		"wall_ms": round(1000 * wall_s / times),
	}


class Bookkeeper:
	"""Reads the board's books at each line that gdb's script sends."""

	def __init__(self, board, on_start):
		self.board, self.on_start = board, on_start
		self.rows, self.errors = {}, {}
		self.name = "attach"
		self.listener = socket.create_server(("127.0.0.1", 0))
		self.listener.settimeout(START_S)
		self.port = self.listener.getsockname()[1]

	def read(self):
		self.before, self.began = flatten(self.board.books()), time.monotonic()

	def end(self, name, times=1):
		wall_s = time.monotonic() - self.began
		spent = difference(self.before, flatten(self.board.books()), times)
		self.rows[name] = row(spent, wall_s, times)
		print(f"    {name:16} {self.rows[name]}", flush=True)

	def obey(self, words):
		verb, name, rest = (words + ["", ""])[:3]
		self.name = name or self.name
		if verb == "start":
			self.read()
			self.on_start()
		elif verb == "begin" and name != "attach":  # that began with the server's start
			self.read()
		elif verb == "end" and name != "detach":  # that ends with the server's end
			self.end(name, int(rest))
		elif verb == "error":
			self.errors[name] = rest
			print(f"    {name:16} {rest}", flush=True)

	def serve(self):
		try:
			connection, _ = self.listener.accept()
			connection.settimeout(STEP_S)
			with connection, connection.makefile("r") as lines:
				for line in lines:
					words = line.strip().split(" ", 2)
					self.obey(words)
					connection.sendall(b"ok\n")
		except TimeoutError:
			self.errors[self.name] = f"not over after {STEP_S} s"
		finally:
			self.listener.close()


# ---- one server ----

def make_dirty(lab, board):
	"""By another program, into a board that then starts anew."""
	subprocess.run([lab.program("stlink-gdb"), "flash", lab.path("dirty.elf"),
		"--probe", f"usbip:127.0.0.1:{board.port}"], check=True, capture_output=True,
		timeout=START_S)
	for line in ("power off", "power on", "run 100"):
		board.control(line)


def state(board):
	"""Whether the core is left running: a running one executes something in a while."""
	before = board.books()["instructions"]
	board.control("run 100")
	return "running" if board.books()["instructions"] > before else "halted"


def drive(lab, board, peer, steps):
	"""The rows of one server; its output and gdb's are kept in the build folder."""
	command, listens, ready = PEERS[peer]
	jobs = {}

	def start():
		jobs["server"] = lab.start("exec " + command.replace("{build}", lab.build) + " 2>&1")
		jobs["server"].expect(listens, START_S)

	books = Bookkeeper(board, start)
	environment = {"BOOKKEEPER": f"10.0.2.2:{books.port}", "SERVER_PORT": PORT,
		"READY": f"'{ready}'", "SAME": lab.path("same.elf"), "CHANGED": lab.path("changed.elf"),
		"STEPI": steps[0], "NEXT": steps[1]}
	settings = " ".join(f"{name}={value}" for name, value in environment.items())
	gdb = lab.start(f"{settings} exec gdb-multiarch -nx -batch {lab.firmware}/flight.elf "
		f"-x {HERE}/compare_gdb.py")
	books.serve()
	text = gdb.finish(EXIT_S).text
	said = jobs["server"].stop(seconds=EXIT_S)
	if books.name == "detach":
		books.end("detach")
	with open(os.path.join(lab.build, f"compare-{peer.replace(' ', '-')}.txt"), "w",
			encoding="utf-8") as file:
		file.write(text + "\n== server\n" + said.text)
	return {"rows": books.rows, "errors": books.errors, "leaves": state(board)}


def measure(lab, peer, steps):
	print(peer, flush=True)
	with lab.board("--probe", "v21", "--pace", PACES.get(peer, "free")) as board:
		make_dirty(lab, board)
		path = board.attach()
		result = drive(lab, board, peer, steps)
		board.detach(path)
	rows = result["rows"].values()
	lab.say(f"measured  {peer:33} side by side, {len(rows)} scenarios          "
		f"{sum(each['transfers'] * each['times'] for each in rows):10,.0f} transfers")
	return result


def first(pattern, text):
	found = re.search(pattern, text)
	return found.group(1) if found else "unknown"


def versions(lab):
	return {
		"OpenOCD": first(r"Debugger (\S+)", lab.run("openocd --version 2>&1").text),
		"st-util": first(r"v?(\d\S+)", lab.run("st-info --version 2>&1").text),
		"stlink-gdb": first(r"(\d\S+)", lab.run(lab.program("stlink-gdb") + " --version").text),
		"gdb": first(r"gdb\D*(\d+\.\d+)", lab.run("gdb-multiarch --version").text),
	}


def measure_all(build, peers, short):
	os.makedirs(os.path.join(build, "tests", "usb"), exist_ok=True)
	with Lab("compare", build, []) as lab:
		write_programs(lab)
		steps = {peer: STEPS_SHORT if short else STEPS.get(peer, STEPS_MOST) for peer in peers}
		return {"versions": versions(lab),
			"peers": {peer: measure(lab, peer, steps[peer]) for peer in peers}}
