"""A virtual board in real time with the server in front of it, and just enough of gdb to load.

Used by bench.py, for wall times.
"""

import os
import re
import socket
import subprocess
import tempfile

WAIT_S = 60
FLASH = 0x08000000
BLOCK = 4096


class Board:
	"""stlink-board and stlink-gdb as processes; use it in a `with`."""

	def __init__(self, build, probe):
		self.build, self.probe = build, probe

	def start(self, program, arguments, pattern):
		errors = tempfile.TemporaryFile()
		process = subprocess.Popen([os.path.join(self.build, program), *arguments],
			stdout=subprocess.PIPE, stderr=errors, text=True)
		for line in process.stdout:
			found = re.search(pattern, line)
			if found:
				return process, int(found.group(1))
		process.wait()
		errors.seek(0)
		raise RuntimeError(f"{program} did not start:\n{errors.read().decode()}")

	def __enter__(self):
		self.processes = []
		board, port = self.start("stlink-board",
			["--listen", "127.0.0.1:0", "--probe", self.probe], r":(\d+)\s*$")
		self.processes.append(board)
		server, port = self.start("stlink-gdb",
			["--port", "0", "--probe", f"usbip:127.0.0.1:{port}"], r"on port (\d+)")
		self.processes.append(server)
		self.client = socket.create_connection(("127.0.0.1", port), WAIT_S)
		self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		self.received = b""
		self.ask(b"?")
		return self

	def __exit__(self, *_):
		if hasattr(self, "client"):
			self.client.close()
		for process in reversed(self.processes):
			process.terminate()
			process.wait(WAIT_S)

	def ask(self, payload):
		"""One packet, and what is answered to it; notes for the console are passed over."""
		self.client.sendall(b"$" + payload + b"#%02x" % (sum(payload) & 0xFF))
		while True:
			while not re.search(rb"\$[^#]*#..", self.received):
				more = self.client.recv(65536)
				if not more:
					raise RuntimeError("the server closed the connection")
				self.received += more
			found = re.search(rb"\$([^#]*)#..", self.received)
			self.received = self.received[found.end():]
			self.client.sendall(b"+")
			if not found.group(1).startswith(b"O") or found.group(1) == b"OK":
				return found.group(1)

	def must(self, payload):
		answer = self.ask(payload)
		if answer != b"OK":
			raise RuntimeError(f"{payload[:20]!r}: {answer!r}")

	def record(self, data, erase=None):
		"""What a load says before it is run: what to erase, what to write."""
		self.must(b"vFlashErase:%x,%x" % (FLASH, erase or len(data)))
		for at in range(0, len(data), BLOCK):
			block = re.sub(rb"[#$}*]", lambda m: bytes([0x7D, m.group()[0] ^ 0x20]),
				data[at:at + BLOCK])
			self.must(b"vFlashWrite:%x:" % (FLASH + at) + block)

	def run(self):
		self.must(b"vFlashDone")
