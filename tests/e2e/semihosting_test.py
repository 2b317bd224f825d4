"""Semihosting: firmware prints, uses files, reads keys and ends, by BKPT 0xAB.

The calls are made from a few bytes of code in RAM, so that each scenario says what it passes.
"""
import os
import socket

from process import PATIENCE_S, wait_until
from scenario import Scenario, main

CODE, BLOCK, TEXT, BUFFER = 0x2000C000, 0x2000C100, 0x2000C200, 0x2000C300
BKPT_AB, LOOP = 0xBEAB, 0xE7FE
HELLO = "Hello from the flight controller."

SYS_OPEN, SYS_CLOSE, SYS_WRITEC, SYS_WRITE0, SYS_WRITE, SYS_READ, SYS_READC = range(1, 8)
SYS_ISTTY, SYS_SEEK, SYS_FLEN, SYS_REMOVE, SYS_RENAME = 0x09, 0x0A, 0x0C, 0x0E, 0x0F
SYS_ERRNO, SYS_GET_CMDLINE, SYS_EXIT, SYS_EXIT_EXTENDED = 0x13, 0x15, 0x18, 0x20
EXITED = 0x20026
FAILED = 0xFFFFFFFF
READ, WRITE = 0, 4


class Semihosting(Scenario):
    def start(self, *options):
        self.gdb = self.start_all(*options)
        self.gdb("monitor reset halt")
        self.gdb("set var $primask = 1")
        return self.gdb

    def put_text(self, text, address=TEXT):
        data = text.encode() + b"\0"
        for at, byte in enumerate(data):
            self.gdb(f"set var *(char*){address + at:#x} = {byte}")
        return len(data) - 1

    def prepare(self, number, *words, argument=None):
        gdb = self.gdb
        gdb(f"set var *(unsigned*){CODE:#x} = {LOOP << 16 | BKPT_AB:#x}")
        for at, word in enumerate(words):
            gdb(f"set var *(unsigned*){BLOCK + 4 * at:#x} = {word:#x}")
        gdb(f"set var $r0 = {number}")
        gdb(f"set var $r1 = {BLOCK if argument is None else argument:#x}")
        gdb(f"set var $pc = {CODE:#x}")

    def call(self, number, *words, argument=None):
        """Makes one call; what it returned, and what gdb showed meanwhile."""
        self.prepare(number, *words, argument=argument)
        self.gdb(f"tbreak *{CODE + 2:#x}")
        stop = self.gdb.go("continue")
        self.assertEqual(stop.address, CODE + 2)
        return self.gdb.number("(unsigned)$r0"), stop.text

    def open(self, name, mode):
        return self.call(SYS_OPEN, TEXT, mode, self.put_text(name))[0]

    def test_the_firmware_says_hello(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        gdb("break practice_round")
        gdb.go("continue")
        gdb("set var debug_command = DEBUG_SEMIHOSTING_HELLO")
        self.assertIn(HELLO, gdb.go("continue").text)

    def test_the_console(self):
        self.start()
        self.put_text("a line\n")
        self.assertIn("a line\n", self.call(SYS_WRITE0, argument=TEXT)[1])
        self.assertIn("a", self.call(SYS_WRITEC, argument=TEXT)[1])
        handle = self.open(":tt", WRITE)
        self.assertEqual(self.call(SYS_ISTTY, handle)[0], 1)
        self.put_text("in a file\n")
        left, text = self.call(SYS_WRITE, handle, TEXT, 10)
        self.assertEqual((left, "in a file\n" in text), (0, True))

    def test_with_observers_only_the_program_goes_on(self):
        controller = self.start()
        observer = self.start_gdb()
        self.put_text("unwatched\n")
        self.prepare(SYS_WRITE0, argument=TEXT)
        controller.quit()
        self.server.wait_for("the program: unwatched")
        wait_until("the core to run behind it", lambda: not self.board.is_halted())
        observer("monitor halt")
        self.assertIn("this one controls", observer("monitor info"))

    def test_a_step_makes_the_call(self):
        gdb = self.start()
        self.put_text("stepped\n")
        self.prepare(SYS_WRITE0, argument=TEXT)
        stop = gdb.go("stepi")
        self.assertIn("stepped", stop.text)
        self.assertEqual(stop.address, CODE + 2)

    def use_a_file(self):
        handle = self.open("log.txt", WRITE)
        self.assertNotEqual(handle, FAILED)
        length = self.put_text("0123456789", BUFFER)
        self.assertEqual(self.call(SYS_WRITE, handle, BUFFER, length)[0], 0)
        self.assertEqual(self.call(SYS_CLOSE, handle)[0], 0)
        handle = self.open("log.txt", READ)
        self.assertEqual(self.call(SYS_FLEN, handle)[0], 10)
        self.assertEqual(self.call(SYS_SEEK, handle, 7)[0], 0)
        self.assertEqual(self.call(SYS_READ, handle, BUFFER, 10)[0], 7)
        self.assertEqual(self.gdb.value(f"(char[4])*(char*){BUFFER:#x}"), '"7893"')
        self.assertEqual(self.call(SYS_CLOSE, handle)[0], 0)

    def test_a_file_in_the_directory(self):
        files = self.path("files")
        os.mkdir(files)
        self.start("--semihosting-dir", files)
        self.use_a_file()
        with open(os.path.join(files, "log.txt"), encoding="ascii") as file:
            self.assertEqual(file.read(), "0123456789")
        length = self.put_text("log.txt")
        self.assertEqual(self.call(SYS_REMOVE, TEXT, length)[0], 0)
        self.assertEqual(os.listdir(files), [])

    def test_nothing_outside_the_directory(self):
        files, secret = self.path("files"), self.path("secret")
        os.mkdir(files)
        with open(secret, "w", encoding="ascii") as file:
            file.write("secret")
        os.symlink(secret, os.path.join(files, "link"))
        os.symlink(self.folder, os.path.join(files, "up"))
        self.start("--semihosting-dir", files)
        for name in ("../secret", secret, "link", "up/secret", "/etc/passwd"):
            for mode in (READ, WRITE):
                if name.startswith("/") and mode == WRITE:
                    continue  # an absolute name is one below the directory
                self.assertEqual(self.open(name, mode), FAILED, name)
        self.assertEqual(sorted(os.listdir(files)), ["link", "up"])

    def test_a_file_of_gdbs(self):
        gdb = self.start()
        os.mkdir(self.path("gdb"))
        gdb(f"cd {self.path('gdb')}")
        self.use_a_file()
        with open(self.path("gdb/log.txt"), encoding="ascii") as file:
            self.assertEqual(file.read(), "0123456789")
        gdb("monitor semihosting fileio off")
        self.assertEqual(self.open("log.txt", READ), FAILED)
        self.assertEqual(self.gdb.number("1 + 1"), 2)

    def test_wild_pointers(self):
        gdb = self.start()
        _, text = self.call(SYS_WRITE0, argument=0x30000000)
        self.assertIn("cannot read memory at 0x30000000", text)
        for number in (SYS_OPEN, SYS_WRITE, SYS_READ, SYS_RENAME, SYS_EXIT_EXTENDED):
            self.assertEqual(self.call(number, argument=0xFFFFFFF0)[0], FAILED)
        self.assertEqual(self.call(0x99)[0], FAILED)
        self.assertEqual(self.call(SYS_ERRNO)[0], 88)
        gdb("monitor reset halt")
        gdb("tbreak pid_update")
        self.assertEqual(gdb.go("continue").function, "pid_update")

    def test_exit_is_gdbs_exit_status(self):
        gdb = self.start()
        self.prepare(SYS_EXIT_EXTENDED, EXITED, 42)
        stop = gdb.go("continue")
        self.assertEqual(stop.reason, "exited")
        self.assertEqual(gdb.number("$_exitcode"), 42)
        gdb("tbreak main")
        self.assertEqual(gdb.go("run").function, "main")
        self.prepare(SYS_EXIT, argument=EXITED)
        self.assertEqual(gdb.go("continue").reason, "exited-normally")

    def test_exit_is_the_servers(self):
        gdb = self.start("--exit-on-semihost")
        self.prepare(SYS_EXIT_EXTENDED, EXITED, 42)
        self.assertEqual(gdb.go("continue").reason, "exited")
        self.assertEqual(self.server.wait(), 42)
        gdb.kill()

    def test_arguments_of_run(self):
        gdb = self.start()
        gdb("set args -v 12")
        gdb("tbreak main")
        gdb.go("run")
        self.assertEqual(self.call(SYS_GET_CMDLINE, BUFFER, 64)[0], 0)
        self.assertIn('"firmware -v 12"', gdb.value(f"(char*){BUFFER:#x}"))

    def test_a_console_port(self):
        gdb = self.start("--semihosting-port", "0")
        port = int(self.server.wait_for(r"console is at port (\d+)").group(1))
        self.put_text("name? ")
        self.assertNotIn("name?", self.call(SYS_WRITE0, argument=TEXT)[1])
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as console:
            self.assertEqual(console.recv(6), b"name? ")
            self.prepare(SYS_READC)
            gdb(f"tbreak *{CODE + 2:#x}")
            gdb.resume("continue")
            console.sendall(b"Q")
            self.assertEqual(gdb.wait_stop().address, CODE + 2)
        self.assertEqual(gdb.number("$r0"), ord("Q"))


if __name__ == "__main__":
    main()
