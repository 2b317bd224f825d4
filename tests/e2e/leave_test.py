"""Leaving: however gdb or the server goes, the core runs on and nothing is left in the chip."""
import signal

from board import (C_DEBUGEN, C_HALT, DBGMCU_APB1_FZ, DBGMCU_CR, DEMCR, DHCSR, FP_COMPS, FP_CTRL)
from process import wait_until
from scenario import Scenario, flight_symbol, main

# Found on the chip before anybody attached; put back at the end. TRACE_IOEN, TIM2 frozen, TRCENA.
FOUND = {DBGMCU_CR: 0x20, DBGMCU_APB1_FZ: 0x1, DEMCR: 1 << 24}


class Leave(Scenario):
    def start_with_settings(self, *server_options):
        self.start_board(flashed=True)
        for address, value in FOUND.items():
            self.board.set_register(address, value)
        self.start_server(*server_options)
        return self.start_gdb()

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

    def test_detach(self):
        gdb = self.start_with_settings()
        self.stop_at_a_breakpoint(gdb)
        before = gdb.number("ticks")
        self.assertIn("detached", gdb("detach"))
        self.assert_nothing_is_left()
        self.assertGreater(self.board.read_word(flight_symbol("ticks")), before, "it was reset")

    def test_detach_and_attach_again_by_the_same_gdb(self):
        gdb = self.start_with_settings()
        gdb("detach")
        self.assert_nothing_is_left()
        gdb.connect(self.server.port)
        self.stop_at_a_breakpoint(gdb)
        gdb("detach")
        self.assert_nothing_is_left()

    def test_quit(self):
        gdb = self.start_with_settings()
        self.stop_at_a_breakpoint(gdb)
        self.assertEqual(gdb.quit(), 0)
        self.assert_nothing_is_left()

    def test_disconnect(self):
        gdb = self.start_with_settings()
        self.stop_at_a_breakpoint(gdb)
        gdb("disconnect")
        self.assert_nothing_is_left()

    def test_gdb_is_killed_while_halted(self):
        gdb = self.start_with_settings()
        self.stop_at_a_breakpoint(gdb)
        gdb.kill()
        self.assert_nothing_is_left()

    def test_gdb_is_killed_while_running(self):
        gdb = self.start_with_settings()
        gdb("break fault_stop")
        self.resume(gdb)
        gdb.kill()
        self.assert_nothing_is_left()

    def test_gdb_is_killed_again_and_again(self):
        self.start_board(flashed=True)
        for address, value in FOUND.items():
            self.board.set_register(address, value)
        self.start_server()
        for turn in range(12):
            gdb = self.start_gdb()
            if turn % 3 == 0:
                self.stop_at_a_breakpoint(gdb)
            elif turn % 3 == 1:
                self.resume(gdb)
            gdb.kill()
            self.assert_nothing_is_left()

    def test_the_server_ends_by_each_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if self.board:
                self.start_server()
                gdb = self.start_gdb()
            else:
                gdb = self.start_with_settings()
            self.stop_at_a_breakpoint(gdb)
            self.server.signal(number)
            self.assertEqual(self.server.wait(), 0)
            self.assert_nothing_is_left()
            gdb.kill()

    def test_the_server_ends_while_the_core_runs(self):
        gdb = self.start_with_settings()
        gdb("break fault_stop")
        self.resume(gdb)
        self.end_server()
        self.assert_nothing_is_left()
        gdb.kill()

    def test_the_server_ends_with_nobody_connected(self):
        self.start_with_settings().quit()
        self.end_server()
        self.assert_nothing_is_left()

    def test_looking_at_a_running_board_does_not_disturb_it(self):
        self.start_board(flashed=True)
        self.board.run(100)
        ticks = self.board.read_word(flight_symbol("ticks"))
        resets = self.board.books()["resets"]
        self.start_server()
        self.assertFalse(self.board.is_halted(), "starting the server halts the core")
        gdb = self.start_gdb()
        self.assertGreaterEqual(gdb.number("ticks"), ticks)
        gdb("detach")
        self.assertEqual(self.board.books()["resets"], resets)


if __name__ == "__main__":
    main()
