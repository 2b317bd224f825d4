"""A day with LLDB 19: what debug_test.py and its neighbours ask of gdb, asked of LLDB."""
import re
import unittest

import image
from lldb import LLDB, Lldb
from process import wait_until
from run_test import SEVEN_FUNCTIONS
from scenario import flight_symbol, main
from semihosting_test import BKPT_AB, BLOCK, CODE, EXITED, HELLO, LOOP, SYS_EXIT_EXTENDED
from traces import Traces

ICSR, PENDSTSET = 0xE000ED04, 1 << 26
CORE = [f"r{i}" for i in range(13)] + ["sp", "lr", "pc", "xPSR"]  # by number in DCRSR
DEBUG_DIVIDE_BY_ZERO, DEBUG_READ_NOWHERE, DEBUG_UNDEFINED_INSTRUCTION = 1, 2, 4
DEBUG_SEMIHOSTING_HELLO = 10

FAULTS = {  # as in debug_test.py
    DEBUG_DIVIDE_BY_ZERO: ("SIGFPE", "division by zero (CFSR 02000000"),
    DEBUG_READ_NOWHERE: ("SIGBUS", "(CFSR 00008200"),
    DEBUG_UNDEFINED_INSTRUCTION: ("SIGILL", "undefined instruction (CFSR 00010000"),
}


@unittest.skipUnless(LLDB, "there is no lldb")
class LldbSession(Traces):
    def start_lldb(self):
        self._lldbs = getattr(self, "_lldbs", 0) + 1
        lldb = Lldb(self.folder, f"lldb{self._lldbs}", image.FLIGHT_ELF)
        self.addCleanup(lambda: lldb.is_running() and lldb.quit())
        lldb.connect(self.server.port)
        return lldb

    def start(self):
        """LLDB, where practice_round is reached for the first time."""
        self.start_board(flashed=True)
        self.start_server()
        lldb = self.start_lldb()
        self.to_practice_round(lldb)
        return lldb

    def to_practice_round(self, lldb):
        lldb("breakpoint delete -f")
        lldb.monitor("reset halt")
        lldb("breakpoint set -n practice_round")
        self.assertRegex(lldb.go("process continue"),
                         r"stop reason = breakpoint \d+\.1\n *frame #0: .*`practice_round")
        lldb("breakpoint delete -f")

    # ---- a stop ----

    def test_registers_and_memory_are_exact(self):
        lldb = self.start()
        registers = lldb.registers()
        self.assertEqual([hex(registers[name]) for name in CORE],
                         [hex(self.board.core_register(i)) for i in range(len(CORE))])
        for address in (flight_symbol("flight") & ~3, flight_symbol("practice_round") & ~3):
            wanted = self.board.read(address, 256)
            lldb(f"memory read -b --force -o {self.path('memory')} {address:#x} {address + 256:#x}")
            with open(self.path("memory"), "rb") as file:
                self.assertEqual(file.read(), wanted)
        self.assertEqual(lldb.word(0x40000834), self.board.register(0x40000834))
        lldb("memory read -s 4 -c 1 -f x 0x30000000")
        self.assertIn("error: memory read failed for 0x30000000", lldb.text("err"))
        self.assertEqual(lldb.registers(), registers)

    # ---- run control ----

    def test_step_in_out_and_over(self):
        lldb = self.start()
        self.assertRegex(lldb.go("thread step-in"), r"stop reason = step in\n.*`factorial\(n=10\)")
        text = lldb.go("thread step-out")
        self.assertRegex(text, r"stop reason = step out\n")
        self.assertIn("= 3628800\n", text)
        self.assertRegex(text, r"frame #0: .*`practice_round")
        self.assertRegex(lldb.go("thread step-over"), r"stop reason = step over\n.*`practice_round")

    def test_interrupts_stay_out_of_a_step(self):
        lldb = self.start()
        for _ in range(5):
            lldb.set_word(ICSR, PENDSTSET)
            self.assertRegex(lldb.go("thread step-inst"),
                             r"frame #0: .*`(practice_round|factorial)\b")
        lldb.monitor("stepisr on")
        lldb.set_word(ICSR, PENDSTSET)
        self.assertRegex(lldb.go("thread step-inst"), r"frame #0: .*`ticks_handler")

    def test_interrupt_again_and_again(self):
        lldb = self.start()
        last = 0
        for _ in range(5):
            lldb("process continue")
            wait_until("the core to run", lambda: not self.board.is_halted())
            self.board.run(20)
            self.assertIn("stop reason = signal SIGINT", lldb.go("process interrupt"))
            ticks = lldb.word(flight_symbol("ticks"))
            self.assertEqual(ticks, self.board.read_word(flight_symbol("ticks")))
            self.assertGreater(ticks, last)
            last = ticks

    # ---- breakpoints and watchpoints ----

    def test_breakpoints_in_flash_and_in_ram(self):
        lldb = self.start()
        code = flight_symbol("ram_sum") & ~1
        original = self.board.read(code, 4)
        lldb("breakpoint set -n ram_sum")
        lldb("breakpoint set -n factorial")
        self.assertRegex(lldb.go("process continue"), r"breakpoint \d+\.1\n.*`factorial")
        lldb("breakpoint disable")
        lldb("breakpoint enable 2")
        self.assertRegex(lldb.go("process continue"), r"breakpoint 2\.1\n.*`ram_sum")
        self.assertEqual(lldb.word(code).to_bytes(4, "little"), original)
        lldb("breakpoint delete -f")
        lldb.go("thread step-inst")
        self.assertEqual(self.board.read(code, 4), original)

    def test_watchpoints_of_each_kind(self):
        lldb = self.start()
        ticks = flight_symbol("ticks")
        for kind, packet in (("write", "Z2"), ("read", "Z3"), ("read_write", "Z4")):
            lldb(f"watchpoint set expression -w {kind} -s 4 -- {ticks:#x}")
            self.assertRegex(lldb.go("process continue"), r"stop reason = watchpoint \d+")
            self.assertIn(f"{packet},{ticks:x},4", lldb.packets())
            lldb("watchpoint delete -f")
        lldb(f"watchpoint set expression -w write -s 4 -- {ticks:#x}")
        lldb("watchpoint modify -c 'ticks == 20'")
        lldb.go("process continue")
        self.assertEqual(self.board.read_word(ticks), 20)

    def test_expressions_find_room_beside_the_memory(self):
        lldb = self.start()
        self.assertRegex(lldb("expression -- ticks * 2 + 7"), r"\$\d+ = 7\n")
        lldb("expression -- debug_command = 99")
        self.assertEqual(self.board.read_word(flight_symbol("debug_command")), 99)
        self.assertEqual(lldb.text("err").count("error"), 1)  # that of an empty list deleted

    def test_the_seventh_breakpoint_is_refused_and_six_work(self):
        lldb = self.start()
        lldb.monitor("reset halt")
        for function in SEVEN_FUNCTIONS:
            lldb(f"breakpoint set -n {function}")
        self.assertIn("failed to set breakpoint site", lldb.text("err"))
        text = lldb.go("process continue")
        self.assertRegex(text, r"no hardware breakpoint at 0x[0-9A-F]{8}: all 6 comparators are ")
        self.assertRegex(text, r"stop reason = breakpoint \d+\.1\n.*`main")
        lldb("breakpoint delete -f 2 8")  # main's and the one that was refused
        lldb("breakpoint set -n pid_update")
        self.assertEqual(lldb.text("err").count("failed to set"), 1)
        reached = {re.search(r"breakpoint \d+\.1\n.*`(\w+)", lldb.go("process continue")).group(1)
                   for _ in range(12)}
        self.assertLessEqual(reached, set(SEVEN_FUNCTIONS[1:]))
        self.assertLessEqual({"background", "pid_update"}, reached)

    # ---- loading ----

    def test_a_load_into_blank_flash(self):
        self.start_board()
        self.start_server()
        lldb = self.start_lldb()
        lldb(f"target modules load --load --file {image.FLIGHT_ELF} --slide 0")
        self.assert_flash_holds(image.read_hex(image.FLIGHT_HEX))
        self.assertTrue([packet for packet in lldb.packets() if packet.startswith("vFlashDone")])

    # ---- faults ----

    def test_faults_have_signals_and_are_explained(self):
        lldb = self.start()
        for command, (name, what) in FAULTS.items():
            self.to_practice_round(lldb)
            lldb.set_word(flight_symbol("debug_command"), command)
            stop = lldb.go("process continue")
            self.assertRegex(stop, rf"stop reason = signal {name}\n.*`fault_handler")
            for text in (stop, lldb.monitor("fault")):
                self.assertIn(what, text)
                self.assertRegex(text, r"pc 0x080[0-9A-F]{5}, lr 0x[0-9A-F]{8}")

    # ---- semihosting ----

    def test_the_firmware_says_hello(self):
        lldb = self.start()
        lldb.set_word(flight_symbol("debug_command"), DEBUG_SEMIHOSTING_HELLO)
        lldb("process continue")
        lldb.wait_for(rf"^{re.escape(HELLO)}$", "out")
        self.assertIn("signal SIGINT", lldb.go("process interrupt"))

    def test_exit_is_the_exit_status(self):
        lldb = self.start()
        lldb.set_word(CODE, LOOP << 16 | BKPT_AB)
        lldb.set_word(BLOCK, EXITED)
        lldb.set_word(BLOCK + 4, 42)
        for name, value in (("r0", SYS_EXIT_EXTENDED), ("r1", BLOCK), ("pc", CODE)):
            lldb(f"register write {name} {value:#x}")
        self.assertIn("exited with status = 42 ", lldb.go("process continue"))

    # ---- clients ----

    def test_killed_while_it_runs_and_reconnected(self):
        lldb = self.start()
        for _ in range(3):
            lldb("breakpoint set -n fault_stop")
            lldb("process continue")
            wait_until("the core to run", lambda: not self.board.is_halted())
            lldb.kill()
            self.assert_runs()
            lldb = self.start_lldb()
            self.assertIn("this one controls", lldb.monitor("info"))
            self.assertEqual(lldb.registers()["pc"], self.board.core_register(15))

    def test_gdb_observes_what_lldb_controls(self):
        lldb = self.start()
        gdb = self.start_gdb()
        self.assertIn("observes", gdb("monitor info"))
        self.assertEqual(gdb.number("(unsigned)$pc"), lldb.registers()["pc"])
        lldb("process continue")
        wait_until("the core to run", lambda: not self.board.is_halted())
        self.board.run(30)
        gdb("maintenance flush dcache")
        self.assertGreaterEqual(gdb.number("ticks"), 30)
        self.assertFalse(self.board.is_halted())
        gdb.quit()
        self.assertFalse(self.board.is_halted())
        self.assertIn("signal SIGINT", lldb.go("process interrupt"))

    def test_lldb_observes_what_gdb_controls(self):
        gdb = self.start_all()
        lldb = self.start_lldb()
        pc = gdb.number("(unsigned)$pc")
        self.assertEqual(lldb.registers()["pc"], pc)
        sp = gdb.number("(unsigned)$sp")
        self.assertEqual(lldb.word(sp), gdb.number("*(unsigned*)$sp"))
        lldb.set_word(sp, 0x5A5A5A5A)
        self.assertNotEqual(self.board.read_word(sp), 0x5A5A5A5A)
        self.assertIn("this one only observes", lldb.monitor("version"))
        for command in ("process continue", "thread step-inst"):
            self.assertRegex(lldb.go(command),
                             r"only observes\n(.*\n)*.*stop reason = signal SIGINT")
            self.assertEqual((lldb.registers()["pc"], self.board.is_halted()), (pc, True))
        gdb("tbreak pid_update")
        self.assertEqual(gdb.go("continue").function, "pid_update")
        lldb("process detach")
        self.assertTrue(self.board.is_halted())

    # ---- leaving ----

    def debug(self, lldb):
        lldb("breakpoint set -n pid_update")
        lldb("breakpoint set -n ram_sum")
        lldb(f"watchpoint set expression -w write -s 4 -- {flight_symbol('ticks'):#x}")
        for _ in range(3):
            lldb.go("process continue")
        lldb.go("thread step-inst")

    def test_nothing_is_left_whichever_way_it_goes(self):
        self.start_board(flashed=True)
        self.board.run(100)
        before = self.dump()
        self.start_server()
        ways = {"detach": lambda lldb: lldb("process detach"), "quit": Lldb.quit,
                "kill": lambda lldb: (lldb("process kill"), self.board.run(100)),
                "kill -9": Lldb.kill}
        for way, leave in ways.items():
            lldb = self.start_lldb()
            self.debug(lldb)
            self.assertNotEqual(self.dump(), before)
            leave(lldb)
            self.assert_as_before(before, way)
            if lldb.is_running():
                lldb.quit()


if __name__ == "__main__":
    main()
