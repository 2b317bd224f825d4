"""Leaving: however gdb or the server goes, the core runs on and nothing is left in the chip."""
import signal

from killing import Killing
from scenario import flight_symbol, main

KILLS = 36


class Leave(Killing):
    def start_with_settings(self, *server_options):
        super().start_with_settings(*server_options)
        return self.start_gdb()

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
        Killing.start_with_settings(self)
        before = self.holdings()
        self.kill_gdbs(KILLS)
        self.wait_for_holdings(before)
        self.assertRegex(self.client().monitor("info")[0], r"clients +1;")

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
