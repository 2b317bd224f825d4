"""LLDB 19, as it is in Debian 12: attach, break, look, step, kill."""
import re
import shutil
import subprocess
import unittest

import image
from process import PATIENCE_S, environment
from scenario import Scenario, flight_symbol, main

LLDB = shutil.which("lldb-19") or shutil.which("lldb")


@unittest.skipUnless(LLDB, "there is no lldb")
class Lldb(Scenario):
    def run_lldb(self, *commands):
        """Runs a script to its end; what LLDB said."""
        self.start_board(flashed=True)
        self.start_server()
        script = self.path("script")
        with open(script, "w", encoding="ascii") as file:
            file.write("\n".join((
                f"settings set plugin.process.gdb-remote.packet-timeout {PATIENCE_S}",
                f"log enable -f {self.path('lldb.log')} gdb-remote packets",
                f"target create {image.FLIGHT_ELF}",
                f"gdb-remote 127.0.0.1:{self.server.port}", *commands, "")))
        done = subprocess.run(
            [LLDB, "--no-lldbinit", "-b", "-s", script], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(),
            timeout=PATIENCE_S, check=False)
        with open(self.path("lldb.out"), "w", encoding="utf-8") as file:
            file.write(done.stdout)
        return done.stdout

    def packets(self):
        with open(self.path("lldb.log"), encoding="utf-8", errors="replace") as file:
            return re.findall(r"send packet: \$(.*?)#", file.read())

    def assert_a_stop_tells_enough(self, sent):
        """Behind a step LLDB asks neither for threads nor for r0 to r15 and xPSR."""
        steps = [at for at, packet in enumerate(sent) if packet.startswith("vCont;s")]
        self.assertTrue(steps)
        for at in steps:
            self.assertNotRegex(" ".join(sent[at + 1:at + 3]), r"ThreadInfo|\bp[0-9a-f]\b", sent)

    def test_break_look_and_step(self):
        text = self.run_lldb(
            "breakpoint set -n practice_round", "process continue", "bt", "register read pc sp d7",
            f"memory read -f x -s 4 -c 1 {flight_symbol('ticks'):#x}", "thread step-over",
            "thread step-inst", "thread step-in", "process continue", "process kill")
        self.assertRegex(text, r"stop reason = breakpoint 1\.1")
        self.assertRegex(text, r"frame #1: 0x[0-9a-f]+ flight\.elf`background")
        self.assertRegex(text, r"pc = 0x[0-9a-f]+ +flight\.elf`practice_round")
        self.assertRegex(text, r"d7 = 0x")
        self.assertRegex(text, r"stop reason = step over")
        self.assertRegex(text, r"stop reason = instruction step into")
        self.assertRegex(text, r"exited with status = 9")
        sent = self.packets()
        self.assertTrue([packet for packet in sent if packet.startswith("Z0,8")], sent)
        self.assert_a_stop_tells_enough(sent)
        self.assertIn("k", sent)
        self.assert_runs()

    def test_memory_is_written_and_regions_are_known(self):
        text = self.run_lldb(
            "memory write 0x2000f000 1 2 3 4", "memory read -f x -s 4 -c 1 0x2000f000",
            "memory region 0x2000f000", "memory read -f x -s 4 -c 4 0x2000fff8",
            "register write r4 0x1234", "register read r4", "process detach")
        self.assertRegex(text, r"0x2000f000: 0x04030201")
        self.assertRegex(text, r"0x0*20000000-0x0*20010000\) rw")
        self.assertRegex(text, r"r4 = 0x00001234")
        self.assertRegex(text, r"(?i)detached")
        self.assert_runs()

    def test_a_watchpoint(self):
        text = self.run_lldb(
            f"watchpoint set expression -w write -s 4 -- {flight_symbol('ticks'):#x}",
            "process continue", "process kill")
        self.assertRegex(text, r"stop reason = watchpoint 1")


if __name__ == "__main__":
    main()
