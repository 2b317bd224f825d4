"""What a person does with gdb and a board, step by step, the same for every server; run inside gdb.

Sourced by gdb in the guest, started by compare_lab.py, which listens at $BOOKKEEPER (HOST:PORT) and
reads the board's books at each line that comes: `begin NAME`, `end NAME TIMES`, `error NAME TEXT`.
The rest of the work is told in the environment: $SERVER_PORT, $READY (commands that leave the core
halted behind a reset, separated by `;`), $SAME and $CHANGED (programs to load), $STEPI and $NEXT (how
many).
"""

import os
import socket

import gdb  # gdb's own module: there is none outside it

STEPI, NEXT = int(os.environ["STEPI"]), int(os.environ["NEXT"])
KEEP = "set confirm off;set pagination off;set width 0;set remotetimeout 60;set tcp auto-retry off"


class Bookkeeper:
	"""The far end waits for nothing but its turn: each line is answered when it was obeyed."""

	def __init__(self, address):
		host, port = address.rsplit(":", 1)
		self.socket = socket.create_connection((host, int(port)))
		self.answers = self.socket.makefile("r")

	def tell(self, line):
		self.socket.sendall((line + "\n").encode())
		return self.answers.readline()


def execute(commands):
	for command in commands:
		print(f"(gdb) {command}", flush=True)
		gdb.execute(command)


def step(books, name, commands, times=1, prepare=()):
	"""One scenario: what `prepare` costs is not counted, what `commands` cost is."""
	try:
		execute(prepare)
		books.tell(f"begin {name}")
		execute(commands * times)
		books.tell(f"end {name} {times}")
	except gdb.error as error:
		books.tell(f"error {name} " + " ".join(str(error).split()))


def load(books, name, program):
	step(books, name, [f"load {program}"])


def play(books, ready):
	load(books, "load-dirty", os.environ["SAME"])
	load(books, "load-unchanged", os.environ["SAME"])
	step(books, "verify", ["compare-sections"])
	load(books, "load-one-sector", os.environ["CHANGED"])
	step(books, "breakpoint", ["break telemetry_pack", "continue"], prepare=ready)
	step(books, "stepi", ["stepi"], STEPI, prepare=["delete"])
	step(books, "next", ["next"], NEXT, prepare=["break telemetry_pack", "continue", "delete"])
	step(books, "words", ["x/256xw 0x20004000"])
	step(books, "dump", ["dump binary memory /dev/null 0x20000000 0x20010000"])


def main():
	books = Bookkeeper(os.environ["BOOKKEEPER"])
	ready = os.environ["READY"].split(";")
	execute(KEEP.split(";"))
	books.tell("start")  # comes back when the server listens
	step(books, "attach", [f"target extended-remote :{os.environ['SERVER_PORT']}",
		"info registers pc"])
	execute(ready)
	play(books, ready)
	step(books, "detach", ["detach"])


main()
