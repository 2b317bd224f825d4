"""Registers: all that gdb shows is what the core holds, and what gdb writes arrives in the core."""
import struct

from packets import frame
from process import wait_until
from scenario import Scenario, main

# Selectors of DCRSR: ARMv7-M ARM, C1.6.3.
SP, LR, PC, XPSR, MSP, PSP, SPECIAL, FPSCR, S0 = 13, 14, 15, 16, 17, 18, 20, 0x21, 0x40

CORE = [f"r{i}" for i in range(13)] + ["sp", "lr", "pc", "xPSR"]
SYSTEM = ["msp", "psp", "primask", "basepri", "faultmask", "control"]
SPECIAL_SHIFT = {"primask": 0, "basepri": 8, "faultmask": 16, "control": 24}


class Registers(Scenario):
    def start_in_flight(self):
        """Halted deep in an interrupt that has used the FPU."""
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("tbreak pid_update")
        gdb.go("continue")
        return gdb

    def test_info_registers_shows_the_core(self):
        gdb = self.start_in_flight()
        shown = dict(line.split()[:2] for line in gdb("info registers").splitlines())
        self.assertEqual(list(shown), CORE + ["fpscr"] + SYSTEM)
        for selector, name in enumerate(CORE):
            self.assertEqual(int(shown[name], 0), self.board.core_register(selector), name)
        self.assertEqual(int(shown["msp"], 0), self.board.core_register(MSP))
        self.assertEqual(int(shown["psp"], 0), self.board.core_register(PSP))
        special = self.board.core_register(SPECIAL)
        for name, shift in SPECIAL_SHIFT.items():
            self.assertEqual(int(shown[name], 0), special >> shift & 0xFF, name)

    def test_info_all_registers_shows_the_fpu(self):
        gdb = self.start_in_flight()
        text = gdb("info all-registers")
        for name in [f"d{i}" for i in range(16)] + [f"s{i}" for i in range(32)] + ["fpscr"]:
            self.assertRegex(text, rf"(?m)^{name}\s")
        self.assertRegex(text, r"xPSR .*\bISR=14\b.*\bT\b")
        numbers = [self.board.core_register(S0 + i) for i in range(32)]
        self.assertTrue(any(numbers), "the FPU was not used: this shows nothing")
        for i, bits in enumerate(numbers):
            value = struct.unpack("<f", bits.to_bytes(4, "little"))[0]
            self.assertAlmostEqual(float(gdb.value(f"$s{i}")), value, delta=abs(value) * 1e-6)
        for i in range(16):
            pair = numbers[2 * i] | numbers[2 * i + 1] << 32
            value = struct.unpack("<d", pair.to_bytes(8, "little"))[0]
            self.assertAlmostEqual(float(gdb.value(f"$d{i}")), value, delta=abs(value) * 1e-9)
        self.assertEqual(gdb.number("(unsigned)$fpscr"), self.board.core_register(FPSCR))

    def test_written_registers_arrive(self):
        gdb = self.start_in_flight()
        for i in range(13):
            gdb(f"set $r{i} = {0x11111111 * (i + 1):#x}")
        gdb("set $lr = 0xfffffff1")
        gdb("set $msp = 0x2000fe00")
        gdb("set $psp = 0x20000700")
        gdb("set $basepri = 0x40")
        gdb("set $primask = 1")
        gdb("set $faultmask = 1")
        gdb("set $pc = main")
        for i in range(13):
            self.assertEqual(self.board.core_register(i), 0x11111111 * (i + 1))
        self.assertEqual(self.board.core_register(LR), 0xFFFFFFF1)
        self.assertEqual(self.board.core_register(MSP), 0x2000FE00)
        self.assertEqual(self.board.core_register(SP), 0x2000FE00)
        self.assertEqual(self.board.core_register(PSP), 0x20000700)
        self.assertEqual(self.board.core_register(SPECIAL) & 0xFFFFFF, 0x014001)
        self.assertEqual(self.board.core_register(PC), gdb.number("(unsigned)main") & ~1)
        gdb("set $primask = 0")
        gdb("set $faultmask = 0")
        self.assertEqual(self.board.core_register(SPECIAL) & 0xFFFFFF, 0x004000)

    def test_written_fpu_registers_arrive(self):
        gdb = self.start_in_flight()
        gdb("set $s0 = 1.5")
        gdb("set $s31 = -2.25")
        gdb("set $d3 = 3.141592653589793")
        gdb("set $fpscr = 0x03000000")
        bits = [self.board.core_register(S0 + i) for i in range(32)]
        self.assertEqual(struct.unpack("<f", bits[0].to_bytes(4, "little"))[0], 1.5)
        self.assertEqual(struct.unpack("<f", bits[31].to_bytes(4, "little"))[0], -2.25)
        self.assertEqual(struct.unpack("<d", (bits[6] | bits[7] << 32).to_bytes(8, "little"))[0],
                         3.141592653589793)
        self.assertEqual(self.board.core_register(FPSCR), 0x03000000)
        self.assertEqual(gdb.value("$s0"), "1.5")
        self.assertEqual(gdb.value("$d3"), "3.1415926535897931")

    def test_thread_mode_uses_the_process_stack(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("tbreak practice_round")
        gdb.go("continue")
        self.assertIn("SPSEL", gdb("print $control"))
        gdb("set $sp = 0x20000600")
        self.assertEqual(self.board.core_register(PSP), 0x20000600)
        self.assertEqual(gdb.number("(unsigned)$psp"), 0x20000600)

    def test_written_registers_survive_a_step(self):
        gdb = self.start_in_flight()
        gdb("set $r12 = 0x12345678")
        gdb("set $s5 = 42")
        gdb.go("stepi")
        gdb("maintenance flush register-cache")
        self.assertEqual(gdb.number("$r12"), 0x12345678)
        self.assertEqual(gdb.value("$s5"), "42")

    def test_registers_of_a_running_core_are_refused(self):
        self.start_board(flashed=True)
        self.start_server()
        controller, observer = self.client(), self.client()
        self.assertRegex(controller.ask("?"), "^T05")
        self.assertRegex(observer.ask("?"), "^T05")
        controller.send(frame("c"))
        wait_until("the core to run", lambda: not self.board.is_halted())
        self.assertRegex(observer.ask("P0=00000000"), "^E")


if __name__ == "__main__":
    main()
