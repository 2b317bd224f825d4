"""Killing gdb with SIGKILL again and again, wherever it is, and looking at what is left of it: for
leave_test.py, and 1,000 times for limits.py.
"""
import os

from board import (C_DEBUGEN, C_HALT, DBGMCU_APB1_FZ, DBGMCU_CR, DEMCR, DHCSR, FP_COMPS, FP_CTRL,
                   RAM, RAM_SIZE)
from process import wait_until
from scenario import Scenario

# Found on the chip before anybody attached; put back at the end. TRACE_IOEN, TIM2 frozen, TRCENA.
FOUND = {DBGMCU_CR: 0x20, DBGMCU_APB1_FZ: 0x1, DEMCR: 1 << 24}


class Killing(Scenario):
    def start_with_settings(self, *server_options):
        self.start_board(flashed=True)
        for address, value in FOUND.items():
            self.board.set_register(address, value)
        self.start_server(*server_options)

    def stop_at_a_breakpoint(self, gdb):
        gdb("break telemetry_update")
        gdb("break pid_update")
        gdb.go("continue")
        self.assertTrue(self.board.is_halted())
        self.assertNotEqual(self.board.register(DBGMCU_CR), FOUND[DBGMCU_CR])

    def assert_nothing_is_left(self):
        wait_until("debugging to be off", lambda: not self.board.register(DHCSR) & C_DEBUGEN)
        self.assertFalse(self.board.register(DHCSR) & C_HALT)
        self.assertEqual([self.board.register(comp) for comp in FP_COMPS], [0] * len(FP_COMPS))
        self.assertFalse(self.board.register(FP_CTRL) & 1)
        for address, value in FOUND.items():
            self.assertEqual(self.board.register(address), value, hex(address))
        self.assert_runs()

    def dump_ram(self, gdb):
        gdb.begin(f"dump binary memory {self.path('ram')} {RAM:#x} {RAM + RAM_SIZE:#x}")

    def watch(self, gdb):
        gdb("watch ticks")
        gdb.go("continue")

    def kill_gdbs(self, turns):
        """Each at work on something else; the board is as it was after each."""
        works = [self.stop_at_a_breakpoint, self.resume, self.dump_ram, self.watch,
                 lambda gdb: gdb.begin("stepi 1000"), lambda gdb: None]
        for turn in range(turns):
            gdb = self.start_gdb()
            works[turn % len(works)](gdb)
            gdb.kill()
            self.assert_nothing_is_left()
            os.remove(gdb.log_path)

    def holdings(self):
        """What the server has of the machine: open files by what they are, and threads."""
        folder = f"/proc/{self.server.pid}"
        files = []
        for number in os.listdir(f"{folder}/fd"):
            files.append(os.readlink(f"{folder}/fd/{number}").split(":")[0])
        return sorted(files), len(os.listdir(f"{folder}/task"))

    def wait_for_holdings(self, before):
        wait_until(f"no more than {before}", lambda: self.holdings() == before)
