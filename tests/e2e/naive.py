"""A naive client of the same board, for contrast: what the vendor's tool is seen to do in the thread
that this product is for. Erases sector by sector, takes a read that fails for "not ready yet",
gives up after 300 s, and then says the three lines that everybody knows.

Speaks USB/IP (Linux, Documentation/usb/usbip_protocol.rst) and four ST-LINK commands by itself, and
waits in the board's time, so that nobody else has to.
"""
import socket
import struct

GIVES_UP_S = 300
PAUSE_MS, LATER_PAUSE_MS, LATER_S = 20, 1000, 5  # between two questions

DHCSR, HALT = 0xE000EDF0, 0xA05F0003
FLASH_KEYR, FLASH_SR, FLASH_CR = 0x40023C04, 0x40023C0C, 0x40023C10
KEYS = (0x45670123, 0xCDEF89AB)
BSY = 1 << 16
X32_ERASE = 0x10202  # STRT, PSIZE, SER

IMPORT, SUBMIT, OUT, IN = 0x8003, 1, 0, 1
URB = struct.Struct(">IIIIIIiiii8s")
COMMAND_ENDPOINT, REPLY_ENDPOINT = 1, 1
STATUS_OK = 0x80


class Naive:
    def __init__(self, board):
        self._board = board
        self._seqnum = 0
        self._socket = socket.create_connection(("127.0.0.1", int(board.port)))
        self._stream = self._socket.makefile("rb")
        self._socket.sendall(struct.pack(">HHI32s", 0x0111, IMPORT, 0, b"1-1"))
        reply = self._stream.read(8 + 312)
        busnum, devnum = struct.unpack_from(">II", reply, 8 + 288)
        self._device = busnum << 16 | devnum
        self.said = []

    def close(self):
        self._stream.close()
        self._socket.close()

    # ---- the wire ----

    def _transfer(self, direction, endpoint, size, data=b""):
        self._seqnum += 1
        self._socket.sendall(URB.pack(SUBMIT, self._seqnum, self._device, direction, endpoint, 0,
                                      size, 0, 0, 0, b"") + data)
        actual = URB.unpack(self._stream.read(URB.size))[6]
        return self._stream.read(actual) if direction == IN else b""

    def _command(self, reply_size, *parts):
        self._transfer(OUT, COMMAND_ENDPOINT, 16, b"".join(parts).ljust(16, b"\0"))
        return self._transfer(IN, REPLY_ENDPOINT, reply_size)

    def _write(self, address, value):
        self._command(2, b"\xf2\x35", struct.pack("<II", address, value))

    def _read(self, address):
        """None when the probe says that it could not."""
        reply = self._command(8, b"\xf2\x36", struct.pack("<I", address))
        return struct.unpack_from("<I", reply, 4)[0] if reply[0] == STATUS_OK else None

    # ---- the tool ----

    def _seconds(self):
        return self._board.books()["time_ns"] / 1e9

    def _wait_erased(self):
        start = self._seconds()
        while self._seconds() - start < GIVES_UP_S:
            status = self._read(FLASH_SR)
            if status is not None and not status & BSY:
                return True
            late = self._seconds() - start > LATER_S
            self._board.ask(f"run {LATER_PAUSE_MS if late else PAUSE_MS}")
        return False

    def _say(self, line):
        self.said.append(line)

    def erase(self, sectors):
        """Whether it thinks that it has; what it says is in `said`."""
        self._command(2, b"\xf2\x30\xa3")  # enter SWD
        self._write(DHCSR, HALT)
        for key in KEYS:
            self._write(FLASH_KEYR, key)
        for sector in sectors:
            self._write(FLASH_CR, X32_ERASE | sector << 3)
            if not self._wait_erased():
                self._say("Error: failed to erase memory")
                if self._command(12, b"\xf2\x31")[0] != STATUS_OK:
                    self._say("Error: Unable to get core ID")
                    self._say("Error: Connection to device 0x423 is lost")
                return False
        return True
