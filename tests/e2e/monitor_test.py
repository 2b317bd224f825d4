"""Monitor commands: each does what `monitor help` says, an unknown one is told to be unknown."""
import re

from process import wait_until
from scenario import Scenario, main


class Monitor(Scenario):
    def test_help_lists_all_and_all_listed_are_known(self):
        gdb = self.start_all()
        listed = [line.split()[0] for line in gdb("monitor help").splitlines()]
        self.assertGreaterEqual(set(listed), {
            "help", "info", "reset", "halt", "resume", "speed", "voltage", "diagnose", "version",
            "exit", "mdw", "semihosting"})
        for word in listed:
            self.assertIn(word, gdb(f"monitor help {word}"))
        self.assertEqual(gdb("monitor help"), gdb("monitor"))

    def test_info(self):
        text = self.start_all()("monitor info")
        for line in (r"probe +ST-LINK/V2-1 V2J37M26, serial \w+",
                     r"chip +STM32F401xB/C, .*10016423",
                     r"flash +256 KiB", r"FPU +yes", r"SWD clock +4000 kHz", r"core +halted",
                     r"breakpoints +0 set, 6 comparators", r"clients +1; this one controls"):
            self.assertRegex(text, line)

    def test_reset_halts_before_the_first_instruction(self):
        gdb = self.start_all()
        for words in ("reset", "reset halt", "reset init"):
            self.board.run(20)
            resets = self.board.books()["resets"]
            self.assertIn("halted at pc", gdb(f"monitor {words}"))
            self.assertGreater(self.board.books()["resets"], resets)
            self.assertTrue(self.board.is_halted())
            gdb("maintenance flush register-cache")
            self.assertEqual(gdb.number("(unsigned)$pc"),
                             self.board.read_word(0x08000004) & ~1)
            self.assertEqual(gdb.number("(unsigned)$msp"), self.board.read_word(0x08000000))

    def test_reset_run(self):
        gdb = self.start_all()
        gdb("monitor reset run")
        self.assert_runs()
        gdb("monitor halt")
        self.assertTrue(self.board.is_halted())

    def test_halt_and_resume(self):
        gdb = self.start_all()
        for word in ("resume", "go", "continue"):
            gdb(f"monitor {word}")
            self.assert_runs()
            self.assertIn("halted at pc", gdb("monitor halt"))
            self.assertTrue(self.board.is_halted())

    def test_speed(self):
        gdb = self.start_all()
        self.assertIn("4000 kHz", gdb("monitor speed"))
        self.assertIn("950 kHz", gdb("monitor speed 1000"), "a speed is never above what was asked")
        self.assertIn("950 kHz", gdb("monitor info"))
        self.assertIn("usage", gdb.refuses("monitor speed fast"))
        self.assertIn("usage", gdb.refuses("monitor speed 0"))
        before = self.board.books()["swd_ns"]
        gdb.number("ticks")
        slow = self.board.books()["swd_ns"] - before
        gdb("monitor speed 4000")
        gdb("maintenance flush dcache")
        before = self.board.books()["swd_ns"]
        gdb.number("ticks")
        self.assertLess(self.board.books()["swd_ns"] - before, slow)

    def test_voltage(self):
        gdb = self.start_all()
        self.assertRegex(gdb("monitor voltage"), r"3\.(29|30) V")
        self.board.ask("vdd 2500")
        self.assertRegex(gdb("monitor voltage"), r"2\.(49|50) V")

    def test_diagnose_after_a_failure(self):
        gdb = self.start_all()
        self.assertIn("nothing has failed", gdb("monitor diagnose"))
        self.board.fault("wrp 0")
        gdb("monitor reset halt")
        gdb.refuses("load")
        self.assertRegex(gdb("monitor diagnose"), r"last failure: .*sector 0 is write-protected")

    def test_version(self):
        text = self.start_all()("monitor version")
        self.assertRegex(text, r"^stlink-gdb \d+\.\d+\.\d+\n$")

    def test_unknown_words(self):
        gdb = self.start_all()
        self.assertIn('did you mean "reset"', gdb.refuses("monitor rest"))
        self.assertIn("monitor help", gdb.refuses("monitor xyzzy"))
        self.assertIn("usage", gdb.refuses("monitor reset twice"))
        self.assertIn("too many words", gdb.refuses("monitor halt now please"))
        self.assertNotIn("does not support", gdb.refuses("monitor frobnicate the board"))
        self.assertEqual(gdb.number("1 + 1"), 2)

    def test_case_and_blanks_do_not_matter(self):
        gdb = self.start_all()
        self.assertIn("halted at pc", gdb("monitor   RESET   Halt "))

    def test_exit_ends_the_server(self):
        for word in ("exit", "shutdown"):
            if not self.board:
                self.start_board(flashed=True)
            self.start_server()
            gdb = self.start_gdb()
            self.assertIn("the server ends", gdb(f"monitor {word}"))
            self.assertEqual(self.server.wait(), 0)
            wait_until("the core to run", lambda: not self.board.is_halted())
            self.assert_runs()
            gdb.kill()

    def test_long_lines(self):
        self.start_all()
        client = self.client()
        text, reply = client.monitor("x" * 300)
        self.assertRegex(reply, "^E")
        text, reply = client.monitor("help")
        self.assertEqual(reply, "OK")
        self.assertTrue(re.search("reset", text))


if __name__ == "__main__":
    main()
