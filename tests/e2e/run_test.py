"""Run control: breakpoints, steps, Ctrl-C, run and start, as a user types them."""
from board import FP_COMPS, FP_CTRL
from process import wait_until
from scenario import Scenario, flight_symbol, main

# What flight's README promises of the moments at which practice_round is reached.
CCR_AT_1000 = "{7094, 7965, 7422, 6562}"
CCR_AT_5000 = "{5751, 9123, 6275, 2211}"

SEVEN_FUNCTIONS = ["main", "background", "practice_round", "telemetry_update", "debug_poll",
                   "control_step", "pid_update"]


class Run(Scenario):
    def test_break_continue_and_the_numbers_of_the_flight(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("break practice_round")
        stop = gdb.go("continue")
        self.assertEqual((stop.reason, stop.function), ("breakpoint-hit", "practice_round"))
        self.assertEqual(gdb.number("ticks"), 0)
        gdb.go("continue")
        self.assertEqual(gdb.number("ticks"), 1000)
        self.assertEqual(gdb.number("flight.loops"), 1000)
        self.assertEqual(gdb.value("tim4.ccr"), CCR_AT_1000)
        gdb.go("continue 4")
        self.assertEqual(gdb.number("ticks"), 5000)
        self.assertEqual(gdb.value("tim4.ccr"), CCR_AT_5000)

    def test_backtrace_finish_and_up(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("break pid_update")
        gdb.go("continue")
        text = gdb("backtrace")
        for frame, function in enumerate(["pid_update", "steer", "control_step", "control_handler",
                                          "<signal handler called>"]):
            self.assertRegex(text, rf"#{frame} .*{function}")
        self.assertRegex(text, r"main \(\)")
        gdb("delete")
        self.assertEqual(gdb.go("finish").function, "steer")
        self.assertEqual(gdb.go("finish").function, "control_step")
        gdb("up")
        self.assertIn("control_handler", gdb("frame"))

    def test_recursion(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("tbreak factorial if n == 1")
        gdb.go("continue")
        self.assertEqual(gdb("backtrace").count("factorial"), 10)

    def test_stepi_executes_one_instruction(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("tbreak main")
        gdb.go("continue")
        for _ in range(20):
            before = gdb.number("$pc")
            following = before + gdb.number(
                "((*(unsigned short*)$pc >> 11) >= 0x1d) ? 4 : 2")
            stop = gdb.go("stepi")
            self.assertEqual(stop.reason, "end-stepping-range")
            self.assertNotEqual(stop.address, before)
            if stop.address != following:
                break  # a call or a branch: that is one instruction, too
        else:
            self.fail("main has no call or branch")

    def test_step_and_next(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("tbreak practice_round")
        line = gdb.go("continue").line
        stop = gdb.go("next")
        self.assertEqual(stop.function, "practice_round")
        self.assertGreater(stop.line, line)
        gdb("tbreak background")
        gdb.go("continue")
        functions = set()
        while len(functions) < 2:
            functions.add(gdb.go("step").function)
        self.assertIn("background", functions)

    def test_temporary_breakpoint_stops_once(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("tbreak practice_round")
        self.assertEqual(gdb.go("continue").function, "practice_round")
        self.assertIn("No breakpoints", gdb("info breakpoints"))
        self.resume(gdb)
        self.board.run(1500)
        self.assertEqual(gdb.stop_with_ctrl_c().signal, "SIGINT")
        self.assertGreater(gdb.number("ticks"), 1000)

    def test_the_seventh_breakpoint_is_refused_and_six_work(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        for function in SEVEN_FUNCTIONS:
            gdb(f"break {function}")
        text = gdb.aborts("continue")
        self.assertIn("Could not insert hardware breakpoints", text)
        self.assertIn("6", gdb("monitor diagnose"))
        gdb("delete 7")
        self.assertEqual(gdb.go("continue").function, "main")
        # gdb takes breakpoints out at a stop: they are in the chip only while it runs
        gdb("delete 1")
        reached = {gdb.go("continue").function for _ in range(12)}
        self.assertLessEqual(reached, set(SEVEN_FUNCTIONS[1:6]))
        self.assertIn("background", reached)

    def test_breakpoints_are_in_the_chip_while_it_runs(self):
        gdb = self.start_all()
        gdb("break fault_stop")
        self.resume(gdb)
        set_ones = [word for word in map(self.board.register, FP_COMPS) if word & 1]
        self.assertEqual(
            [word & 0x1FFFFFFC for word in set_ones], [flight_symbol("fault_stop") & ~3])
        self.assertTrue(self.board.register(FP_CTRL) & 1)
        gdb.stop_with_ctrl_c()
        gdb("delete")
        self.resume(gdb)
        self.assertFalse(any(word & 1 for word in map(self.board.register, FP_COMPS)))
        gdb.stop_with_ctrl_c()

    def test_ctrl_c_again_and_again(self):
        gdb = self.start_all()
        last = 0
        for _ in range(10):
            self.resume(gdb)
            self.board.run(20)
            stop = gdb.stop_with_ctrl_c()
            self.assertEqual(stop.signal, "SIGINT")
            ticks = gdb.number("ticks")
            self.assertGreater(ticks, last)
            self.assertEqual(ticks, self.board.read_word(flight_symbol("ticks")))
            last = ticks
        self.board.run(50)
        self.assertEqual(self.board.read_word(flight_symbol("ticks")), last, "it was not halted")

    def test_start_and_run_begin_anew(self):
        gdb = self.start_all()
        self.board.run(100)
        self.assertEqual(gdb.go("start").function, "main")
        self.assertEqual(gdb.number("ticks"), 0)
        gdb("break practice_round")
        gdb.go("continue")
        gdb.go("continue")
        self.assertEqual(gdb.number("ticks"), 1000)
        stop = gdb.go("run")
        self.assertEqual((stop.function, gdb.number("ticks")), ("practice_round", 0))

    def test_kill_starts_the_firmware_anew_when_gdb_leaves(self):
        gdb = self.start_all()
        self.resume(gdb)
        self.board.run(500)
        gdb.stop_with_ctrl_c()
        before = gdb.number("ticks")
        gdb("kill")
        self.assertIn("not being run", gdb.refuses("stepi"))
        self.assertTrue(self.board.is_halted())
        self.assertEqual(gdb.quit(), 0)
        wait_until("the core to run", lambda: not self.board.is_halted())
        self.board.run(50)
        self.assertLess(self.board.read_word(flight_symbol("ticks")), before)
        self.assert_runs()

    def test_kill_then_run(self):
        gdb = self.start_all()
        gdb("kill")
        gdb("tbreak main")
        self.assertEqual(gdb.go("run").function, "main")

    def test_a_fault_stops_where_it_is_handled(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("break practice_round")
        gdb.go("continue")
        gdb("break fault_stop")
        gdb("set var debug_command = DEBUG_DIVIDE_BY_ZERO")
        self.assertEqual(gdb.go("continue").function, "fault_handler")
        self.assertEqual(gdb.go("continue").function, "fault_stop")
        gdb.go("next 3")
        self.assertEqual(gdb.number("last_fault.cfsr"), 0x02000000)

    def test_lock_up_is_told(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("break practice_round")
        gdb.go("continue")
        gdb("delete")
        gdb("set var debug_command = DEBUG_LOCKUP")
        stop = gdb.go("continue")
        self.assertEqual(stop.signal, "SIGSEGV")
        self.assertIn("locked up", stop.text)

    def test_a_reset_by_the_firmware_is_told(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("break practice_round")
        gdb.go("continue")
        books = self.board.books()
        gdb("set var debug_command = DEBUG_RESET")
        stop = gdb.go("continue")
        self.assertIn("the core was reset, and not by the debugger", stop.text)
        self.assertEqual(self.books_since(books)["resets"], 1)
        if stop.function != "practice_round":  # where the reset was seen
            self.assertEqual(gdb.go("continue").function, "practice_round")


if __name__ == "__main__":
    main()
