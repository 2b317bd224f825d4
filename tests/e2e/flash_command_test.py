"""`stlink-gdb flash`: a program into the flash without gdb, and what is refused."""
import json
import os

import image
from process import Process
from scenario import BUILD, Scenario, main


class FlashCommand(Scenario):
    def flash(self, *arguments, probe=True):
        """Runs it to its end: (exit code, log, stdout)."""
        options = ["--probe", f"usbip:127.0.0.1:{self.board.port}/1-1"] if probe else []
        process = Process(self.folder, "flash", [
            os.path.join(BUILD, "stlink-gdb"), "flash", *arguments, *options])
        code = process.wait()
        return code, process.text(), process.text("out")

    def refuses(self, code, why, *arguments):
        before = self.board.flash()
        got, log, _ = self.flash(*arguments)
        self.assertEqual(got, code, log)
        self.assertIn(why, log)
        self.assertEqual(self.board.flash(), before)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def test_hex_elf_and_binary_put_the_same_into_flash(self):
        self.start_board()
        runs = image.read_hex(image.FLIGHT_HEX)
        binary = self.write("flight.bin", runs[0x08000000])
        for file in (image.FLIGHT_HEX, image.FLIGHT_ELF, binary + "@0x08000000"):
            code, log, _ = self.flash(file)
            self.assertEqual(code, 0, log)
            self.assert_flash_holds(runs)
            self.assertFalse(self.board.is_halted())
        # the first one wrote it, the others found it there
        self.assertIn("all 5 sectors unchanged", log)

    def test_size_and_sectors_are_said_first(self):
        self.start_board()
        _, log, _ = self.flash(image.FLIGHT_HEX)
        size = len(image.read_hex(image.FLIGHT_HEX)[0x08000000])
        said = f"Intel HEX, {size} bytes from 0x08000000 to {0x08000000 + size - 1:#010X}".replace(
            "0X", "0x")
        self.assertIn(said + ", in 5 sectors", log)
        self.assertLess(log.index(said), log.index("writing"))

    def test_the_program_runs_afterwards(self):
        self.start_board()
        for option in ([], ["--reset"]):
            code, log, _ = self.flash(image.FLIGHT_ELF, *option)
            self.assertEqual(code, 0, log)
            self.assert_runs()

    def test_without_a_reset_the_core_is_left_halted(self):
        """It stands in the midst of a program that is not there any more."""
        self.start_board(flashed=True)
        other = image.write_hex(self.path("other.hex"), [(0x08010000, image.pattern(0x400))])
        code, log, _ = self.flash(other, "--no-reset")
        self.assertEqual(code, 0, log)
        self.assertIn("warning: the core stands where the old program was", log)
        self.assertTrue(self.board.is_halted())
        code, log, _ = self.flash(image.FLIGHT_HEX, "--no-reset", "--reset")
        self.assertEqual(code, 0, log)
        self.assertNotIn("old program", log)
        self.assertFalse(self.board.is_halted())
        code, log, _ = self.flash(image.FLIGHT_HEX, "--no-reset")
        self.assertIn("all 5 sectors unchanged", log)
        self.assertFalse(self.board.is_halted())

    def test_what_a_file_is_its_content_tells(self):
        self.start_board()
        with open(image.FLIGHT_HEX, "rb") as file:
            text = file.read()
        code, log, _ = self.flash(self.write("program", text))
        self.assertEqual(code, 0, log)
        self.refuses(2, "called .bin and holds Intel HEX", self.write("p.bin", text))
        self.refuses(2, "called .bin and holds Intel HEX", self.path("p.bin") + "@0x08000000")
        with open(image.FLIGHT_ELF, "rb") as file:
            self.refuses(2, "called .bin and holds ELF", self.write("q.bin", file.read()))
        self.refuses(2, "leave out @ADDRESS", image.FLIGHT_HEX + "@0x08000000")
        self.refuses(2, "needs an address", self.write("r.bin", b"\0\1\2\3"))
        self.refuses(2, "line 2 is not as long",
                     self.write("s.hex", text.replace(b"\n:1", b"\n:2", 1)))
        self.refuses(2, "cut off", self.write("t.hex", text[:-13]))
        self.refuses(2, "cannot open", self.path("no such file"))

    def test_a_file_for_another_chip_is_refused_before_anything_is_erased(self):
        self.start_board()
        self.refuses(6, "0x08040000 is not in the flash",
                     self.write("a.bin", b"1234") + "@0x08040000")
        self.refuses(6, "0x20000000 is not in the flash",
                     self.write("b.bin", b"1234") + "@0x20000000")

    def test_exit_codes(self):
        self.start_board()
        self.assertEqual(self.flash(image.FLIGHT_HEX, "--probe", "usbip:127.0.0.1:1/1-1",
                                    probe=False)[0], 3)
        self.assertEqual(self.flash(probe=False)[0], 2)
        self.assertEqual(self.flash(image.FLIGHT_HEX, "--all", probe=False)[0], 2)
        self.board.ask("power off")
        code, log, _ = self.flash(image.FLIGHT_HEX)
        self.assertEqual(code, 5, log)

    def test_protection_is_told_and_has_a_code(self):
        self.start_board()
        self.board.fault("wrp 1-2")
        code, log, _ = self.flash(image.FLIGHT_HEX)
        self.assertEqual(code, 8, log)

    def test_events(self):
        self.start_board()
        code, _, out = self.flash(image.FLIGHT_HEX, "--json")
        self.assertEqual(code, 0)
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(events[-1], {"event": "exit", "code": 0})
        states = [event["state"] for event in events if event["event"] == "flash"]
        self.assertEqual(states[0], "checking")
        self.assertEqual(states[-1], "done")
        self.assertIn("writing", states)

    def test_an_unplugged_probe_ends_it(self):
        self.start_board("--pace", "real")
        process = Process(self.folder, "flash", [
            os.path.join(BUILD, "stlink-gdb"), "flash", image.FLIGHT_HEX,
            "--probe", f"usbip:127.0.0.1:{self.board.port}/1-1"])
        process.wait_for("writing")
        self.board.ask("usb unplug")
        self.assertEqual(process.wait(), 9, process.text())


if __name__ == "__main__":
    main()
