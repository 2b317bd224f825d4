"""The unmodified LLDB, typed into as a user does.

Its commands return at once while the program runs; a stop is told when it comes. A line of Python
tells where the output of a command ends.
"""
import os
import re
import shutil
import subprocess

from process import PATIENCE_S, Process, wait_until

LLDB = shutil.which("lldb-19") or shutil.which("lldb")
STOPPED = r"Process 1 stopped\n(.*\n)*? *frame #0: .*\n"
ENDED = r"Process 1 exited with status = .*\n"


class Lldb(Process):
    def __init__(self, folder, name, program):
        super().__init__(folder, name, [LLDB, "--no-lldbinit", "--no-use-colors"],
                         stdin=subprocess.PIPE)
        self._seen = self._marks = 0
        self.log_path = os.path.join(folder, f"{name}.log")
        self(f"settings set plugin.process.gdb-remote.packet-timeout {PATIENCE_S}")
        self(f"log enable -f {self.log_path} gdb-remote packets")
        self(f"target create {program}")

    def connect(self, port):
        return self.go(f"gdb-remote 127.0.0.1:{port}")

    def begin(self, command):
        self._popen.stdin.write(command.encode() + b"\n")
        self._popen.stdin.flush()

    def __call__(self, command):
        """Runs a command; what was shown since the last one."""
        self.begin(command)
        return self._to_mark()

    def go(self, command):
        """Runs a command that ends in a stop or in the program's end; what was shown meanwhile."""
        self.begin(command)
        return self.wait_stop()

    def wait_stop(self):
        wait_until("LLDB to tell of a stop", lambda: not self.is_running() or re.search(
            f"{STOPPED}|{ENDED}", self.text("out")[self._seen:]))
        return self._to_mark()

    def monitor(self, command):
        return self(f"process plugin packet monitor {command}")

    def word(self, address):
        text = self(f"memory read -f x -s 4 -c 1 {address:#x}")
        return int(re.search(rf"^{address:#010x}: (0x[0-9a-f]+)$", text, re.M).group(1), 16)

    def set_word(self, address, value):
        self(f"memory write -s 4 {address:#x} {value:#x}")

    def registers(self):
        """{name: value} of the core's."""
        return {name: int(value, 16) for name, value in re.findall(
            r"^ +(\w+) = (0x[0-9a-f]{8})\b", self("register read"), re.M)}

    def packets(self):
        """What it sent so far."""
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return re.findall(r"send packet: \$(.*?)#", file.read())

    def quit(self):
        self.begin("quit")
        self._popen.stdin.close()
        return self.wait()

    def _to_mark(self):
        self._marks += 1
        self.begin(f"script print('mark', {self._marks})")
        self.wait_for(rf"^mark {self._marks}$", "out")
        text = self.text("out")
        shown, self._seen = text[self._seen:], len(text)
        return shown
