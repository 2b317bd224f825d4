"""What a developer of firmware sees of faults, watchpoints, conditions and dprintf, and what is left
in the chip whichever way the session ends.
"""
import re
import signal

from process import wait_until
from scenario import flight_symbol, main
from traces import Traces

TIM4_CCR1, APB1_FZ, TIM4_FROZEN = 0x40000834, 0xE0042008, 1 << 2
ROUNDS = 1000

FAULTS = {  # the command that makes it: signal, what is told
    "DEBUG_DIVIDE_BY_ZERO": ("SIGFPE", "division by zero (CFSR 02000000"),
    "DEBUG_READ_NOWHERE": ("SIGBUS", "(CFSR 00008200"),
    "DEBUG_UNDEFINED_INSTRUCTION": ("SIGILL", "undefined instruction (CFSR 00010000"),
    "DEBUG_INVALID_STATE": ("SIGILL", "(CFSR 00020000"),
}


class Debug(Traces):
    # ---- faults ----

    def test_faults_have_signals_and_are_explained(self):
        gdb = self.start_all()
        for command, (name, what) in FAULTS.items():
            gdb("delete")
            gdb("monitor reset halt")
            gdb("tbreak practice_round")
            gdb.go("continue")
            gdb(f"set var debug_command = {command}")
            stop = gdb.go("continue")
            self.assertEqual((stop.signal, stop.function), (name, "fault_handler"), command)
            status = self.board.register(0xE000ED28)
            again = gdb("monitor fault")
            for text in (stop.text, again):
                self.assertIn(what, text)
                self.assertRegex(text, r"pc 0x080[0-9A-Fa-f]{5}")
                self.assertRegex(text, r"lr 0x[0-9A-Fa-f]{8}")
            self.assertEqual(self.board.register(0xE000ED28), status, "decoding cleared CFSR")

    # ---- watchpoints, conditions, commands ----

    def test_watchpoints_of_each_kind(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("tbreak practice_round")
        gdb.go("continue")
        for command, kind in (("watch", "watchpoint-trigger"), ("rwatch", "read-watchpoint-trigger"),
                              ("awatch", "access-watchpoint-trigger")):
            gdb(f"{command} ticks")
            for _ in range(3):
                self.assertEqual(gdb.go("continue").reason, kind)
            gdb("delete")
        gdb("watch ticks if ticks == 20")
        gdb.go("continue")
        self.assertEqual(gdb.number("ticks"), 20)

    def packets_of(self, gdb, action):
        """How many gdb sends meanwhile; what the action gave."""
        gdb("set debug remote 1")
        with open(gdb.log_path, encoding="utf-8") as log:
            log.seek(0, 2)
            result = action()
            sent = log.read().count("Sending packet: ")
        gdb("set debug remote 0")
        return sent, result

    def test_a_condition_that_is_false_1000_times_asks_gdb_nothing(self):
        gdb = self.start_all()
        gdb("set breakpoint condition-evaluation target")
        gdb("monitor reset halt")
        gdb(f"tbreak control_step if flight.loops == {ROUNDS}")
        sent, stop = self.packets_of(gdb, lambda: gdb.go("continue"))
        self.assertEqual((stop.function, gdb.number("flight.loops")), ("control_step", ROUNDS))
        self.assertLess(sent, 40)

    def test_dprintf_is_printed_by_the_server(self):
        gdb = self.start_all()
        gdb("set dprintf-style agent")
        gdb("set breakpoint condition-evaluation target")
        gdb("monitor reset halt")
        gdb('dprintf practice_round,"round %d at %u\\n", practice.rounds, ticks')
        gdb("tbreak control_step if ticks == 4500")
        sent, stop = self.packets_of(gdb, lambda: gdb.go("continue"))
        self.assertEqual(re.findall(r"round (\d+) at (\d+)", stop.text)[:5],
                         [(str(i), str(1000 * i)) for i in range(5)])
        self.assertLess(sent, 60)

    # ---- what is left ----

    def debug(self, gdb):
        gdb("break pid_update")
        gdb("watch ticks")
        gdb("break ram_sum")  # a BKPT in RAM
        for _ in range(3):
            gdb.go("continue")
        gdb.go("stepi")

    def test_nothing_is_left_whichever_way_a_session_ends(self):
        self.start_board(flashed=True)
        self.board.run(100)
        before = self.dump()
        ways = {"detach": lambda gdb: gdb("detach"), "disconnect": lambda gdb: gdb("disconnect"),
                "quit": lambda gdb: gdb.quit(), "kill -9": lambda gdb: gdb.kill()}
        self.start_server()
        for way, leave in ways.items():
            gdb = self.start_gdb()
            self.debug(gdb)
            leave(gdb)
            self.assert_as_before(before, way)
            gdb.quit()
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            gdb = self.start_gdb()
            self.debug(gdb)
            self.server.signal(number)
            self.assertEqual(self.server.wait(), 0)
            self.assert_as_before(before, number)
            gdb.kill()
            self.start_server()

    def test_timers_stand_still_only_on_demand(self):
        gdb = self.start_all()
        self.assertFalse(self.board.register(APB1_FZ) & TIM4_FROZEN)
        gdb("detach")
        gdb.quit()
        self.end_server()
        self.start_server("--freeze=tim")
        gdb = self.start_gdb()
        self.assertTrue(self.board.register(APB1_FZ) & TIM4_FROZEN)
        gdb("detach")
        wait_until("it to run again", lambda: not self.board.register(APB1_FZ) & TIM4_FROZEN)

    def test_a_word_makes_the_bench_safe_while_halted(self):
        self.start_board(flashed=True)
        self.board.run(100)
        self.start_server("--on-halt", f"write32 {TIM4_CCR1:#x} 0")
        gdb = self.start_gdb()
        self.assertEqual(self.board.register(TIM4_CCR1), 0)
        gdb("tbreak practice_round")
        gdb.go("continue")
        self.assertEqual(self.board.register(TIM4_CCR1), 0)
        gdb("detach")
        wait_until("the motors to turn", lambda: self.board.register(TIM4_CCR1) > 0)


if __name__ == "__main__":
    main()
