"""stlink-board as a process, and its control socket: the truth about the board, on a way that has
nothing to do with the server under test. The language is told in targets/virtual/board_control.c.
"""
import json
import os
import socket

from process import PATIENCE_S, Process

DHCSR = 0xE000EDF0
DCRSR = 0xE000EDF4
DCRDR = 0xE000EDF8
DEMCR = 0xE000EDFC
FP_CTRL = 0xE0002000
FP_COMPS = [0xE0002008 + 4 * i for i in range(6)]
DBGMCU_CR = 0xE0042004
DBGMCU_APB1_FZ = 0xE0042008

C_DEBUGEN = 1 << 0
C_HALT = 1 << 1
S_REGRDY = 1 << 16
S_HALT = 1 << 17

FLASH = 0x08000000
FLASH_SIZE = 256 * 1024
RAM = 0x20000000
RAM_SIZE = 64 * 1024
SECTORS = [16384] * 4 + [65536, 131072]

READ_MAX = 4096
RUN_SLICE_MS = 10


class Board(Process):
    def __init__(self, folder, build, *options):
        self._control_path = os.path.join(folder, "control")
        super().__init__(folder, "board", [
            os.path.join(build, "stlink-board"), "--listen", "127.0.0.1:0",
            "--control", self._control_path, *options])
        self.port = self.wait_for(r"^Listening on 127\.0\.0\.1:(\d+)$", "out").group(1)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        self._socket.connect(self._control_path)
        self._reader = self._socket.makefile("r")

    def close(self):
        self._reader.close()
        self._socket.close()

    def ask(self, line):
        self._socket.sendall(line.encode() + b"\n")
        reply = json.loads(self._reader.readline())
        if "error" in reply:
            raise AssertionError(f"board: {line}: {reply['error']}")
        return reply

    def books(self):
        return self.ask("books")

    def fault(self, line):
        self.ask(f"fault {line}")

    def read(self, address, size):
        data = b""
        while len(data) < size:
            piece = min(READ_MAX, size - len(data))
            data += bytes.fromhex(self.ask(f"read {address + len(data):#x} {piece}")["data"])
        return data

    def read_word(self, address):
        """A word of RAM or flash."""
        return int.from_bytes(self.read(address, 4), "little")

    def flash(self):
        return self.read(FLASH, FLASH_SIZE)

    def register(self, address):
        """A word through the chip's access port."""
        return self.ask(f"word {address:#x}")["value"]

    def set_register(self, address, value):
        self.ask(f"word {address:#x} {value:#x}")

    def core_register(self, selector):
        """A register of the halted core, by its number in DCRSR."""
        self.set_register(DCRSR, selector)
        assert self.register(DHCSR) & S_REGRDY, "no core register without a halted core"
        return self.register(DCRDR)

    def is_halted(self):
        return bool(self.register(DHCSR) & S_HALT)

    def run(self, milliseconds):
        """Lets modelled time pass, in slices: the server waits for the wire meanwhile."""
        while milliseconds > 0:
            slice_ms = min(RUN_SLICE_MS, milliseconds)
            self.ask(f"run {slice_ms}")
            milliseconds -= slice_ms
