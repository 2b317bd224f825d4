"""Base of every end-to-end scenario: a board, a server, gdbs, and at the end nothing of them.

A scenario is one test method. It starts what it needs; what it started is ended in reverse order,
and must end well: the server by SIGTERM with exit code 0, no sanitizer report, no process left over.
"""
import os
import shutil
import sys
import tempfile
import unittest

import image
from board import Board
from gdb import Gdb
from packets import Client
from process import PATIENCE_S, SANITIZER_REPORT, Process, marked_processes, wait_until

BUILD = os.environ.get("E2E_BUILD", os.path.join(os.path.dirname(image.TESTS), "build"))
LOG_SHOWN = 20000
FLASHED = os.environ.get("E2E_FLASHED", "")  # state of a board that holds flight.hex


class Server(Process):
    count = 0

    def __init__(self, folder, *options):
        Server.count += 1
        super().__init__(folder, f"server{Server.count}",
                         [os.path.join(BUILD, "stlink-gdb"), "-p", "0", *options])
        self.port = None

    def ready(self):
        self.port = self.wait_for(r"^Listening on port (\d+)$", "out").group(1)
        return self


class Scenario(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="e2e-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(self._check_nothing_is_left)
        self.addCleanup(self._show_logs_of_a_failure)
        self.board = self.server = None
        self._gdbs = 0

    # ---- starting ----

    def start_board(self, *options, flashed=False):
        """A board at modelled pace; `flashed`: it holds flight.hex."""
        if flashed:
            state = self.path("state")
            shutil.copy(FLASHED, state)
            options = ("--state", state, *options)
        if "--pace" not in options:
            options = ("--pace", "free", *options)
        self.board = Board(self.folder, BUILD, *options)
        self.addCleanup(self._end, self.board)
        self.addCleanup(self.board.close)
        return self.board

    def start_server(self, *options, ready=True):
        """A server for that board, or whatever the options say."""
        if self.board and "--virtual" not in options:
            options = ("--probe", f"usbip:127.0.0.1:{self.board.port}/1-1", *options)
        self.server = Server(self.folder, *options)
        self.addCleanup(self._end, self.server)
        return self.server.ready() if ready else self.server

    def start_other_server(self, busid):
        """A second server, for another board of the same process."""
        server = Server(self.folder, "--probe", f"usbip:127.0.0.1:{self.board.port}/{busid}")
        self.addCleanup(self._end, server)
        return server.ready()

    def start_gdb(self, program=image.FLIGHT_ELF, connect=True):
        self._gdbs += 1
        gdb = Gdb(self.folder, f"gdb{self._gdbs}", program)
        self.addCleanup(lambda: gdb.is_running() and gdb.quit())
        if connect:
            gdb.connect(self.server.port)
        return gdb

    def start_all(self, *server_options, flashed=True):
        """The usual scene; gdb, connected."""
        self.start_board(flashed=flashed)
        self.start_server(*server_options)
        return self.start_gdb()

    def client(self, port=None):
        client = Client(port or self.server.port)
        self.addCleanup(client.close)
        return client

    def path(self, name):
        return os.path.join(self.folder, name)

    def resume(self, gdb, command="continue"):
        """Resumes, and returns when the core really runs."""
        gdb.resume(command)
        wait_until("the core to run", lambda: not self.board.is_halted())

    # ---- asserting ----

    def assert_flash_holds(self, runs):
        """Byte for byte, and 0xFF elsewhere."""
        flash = self.board.flash()
        wanted = image.in_flash(runs, len(flash))
        if flash != wanted:
            at = next(i for i, pair in enumerate(zip(flash, wanted)) if pair[0] != pair[1])
            self.fail(f"flash at {0x08000000 + at:#x}: {flash[at:at + 8].hex()} instead of "
                      f"{wanted[at:at + 8].hex()}")

    def assert_all_matched(self, text):
        """The output of compare-sections."""
        self.assertNotIn("MIS-MATCHED", text)
        self.assertRegex(text, r"matched\.")

    def assert_runs(self):
        """The program lives: its tick counter and TIM4's compare values move."""
        ticks, ccr = flight_symbol("ticks"), 0x40000834
        before, compare = self.board.read_word(ticks), {self.board.register(ccr)}
        wait_until("ticks", lambda: self.board.run(10) or
                   self.board.read_word(ticks) - before > 20)
        wait_until("TIM4", lambda: self.board.run(10) or
                   compare.add(self.board.register(ccr)) or len(compare) > 3)

    def books_since(self, before):
        """What the board's books gained."""
        def difference(now, then):
            if isinstance(now, dict):
                return {key: difference(value, then.get(key, {} if isinstance(value, dict) else 0))
                        for key, value in now.items()}
            return now - then
        return difference(self.board.books(), before)

    # ---- ending ----

    def end_server(self, code=0):
        """Ends the server in the midst of the scenario."""
        self.assertEqual(self.server.stop(), code, self.server.text())

    def _end(self, process):
        was_running = process.is_running()
        code = process.stop()
        if was_running:
            self.assertEqual(code, 0, f"{process.name} ended with {code}:\n{process.text()}")
        output = process.text("out") + process.text("err")
        self.assertIsNone(SANITIZER_REPORT.search(output), output)

    def _check_nothing_is_left(self):
        wait_until("the end of every process", lambda: not marked_processes())

    def _show_logs_of_a_failure(self):
        result = self._outcome.result
        if not any(test is self for test, _ in result.failures + result.errors):
            return
        for name in sorted(os.listdir(self.folder)):
            if name.endswith((".err", ".out", ".log")):
                with open(self.path(name), encoding="utf-8", errors="replace") as file:
                    print(f"---- {name}\n{file.read()[-LOG_SHOWN:]}", file=sys.stderr)


_symbols = {}


def flight_symbol(name):
    """The address of one of flight.elf's globals."""
    if not _symbols:
        _symbols.update(image.symbols(image.FLIGHT_ELF))
    return _symbols[name]


def main():
    """Runs what the command line names; nothing run is a failure."""
    program = unittest.main(verbosity=2, exit=False)
    sys.exit(not (program.result.wasSuccessful() and program.result.testsRun))
