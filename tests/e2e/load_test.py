"""Loading: what gdb sends is what the board's flash holds, and no more is erased than must be."""
import subprocess

import image
from board import FLASH, FLASH_SIZE
from process import PATIENCE_S, environment, wait_until
from scenario import Scenario, main

FLIGHT = image.read_hex(image.FLIGHT_HEX)
FLIGHT_SIZE = 73995
FLIGHT_SECTORS = 5  # of the six


class Load(Scenario):
    def command_line(self, *commands):
        """gdb as one command line; its output."""
        arguments = ["gdb-multiarch", "-nx", "-batch"]
        for command in (f"target extended-remote 127.0.0.1:{self.server.port}", *commands):
            arguments += ["-ex", command]
        done = subprocess.run(
            [*arguments, image.FLIGHT_ELF], env=environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        return done.stdout + done.stderr

    def test_hex_by_one_command_line(self):
        self.start_board()
        self.start_server()
        text = self.command_line(f"load {image.FLIGHT_HEX}", "compare-sections")
        self.assertIn("load size 73995", text)
        self.assert_all_matched(text)
        self.assert_flash_holds(FLIGHT)
        self.server.wait_for(r"erased 0, wrote 72\.2 KiB, verified, \d+\.\d\d s$")
        self.assert_runs()

    def test_elf_by_one_command_line(self):
        self.start_board()
        self.start_server()
        text = self.command_line("load", "compare-sections")
        self.assertIn("load size 73995", text)
        self.assert_all_matched(text)
        self.assert_flash_holds(FLIGHT)
        self.assert_runs()

    def load_twice(self, gdb, second):
        """Loads flight.hex, then `second`; what the second cost."""
        gdb(f"load {image.FLIGHT_HEX}")
        before = self.board.books()
        gdb(f"load {second}")
        return self.books_since(before)

    def test_a_blank_chip_is_not_erased(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        before = self.board.books()
        gdb(f"load {image.FLIGHT_HEX}")
        spent = self.books_since(before)
        self.assertEqual(spent["erases"], {"x8": 0, "x16": 0, "x32": 0})
        self.assertEqual(spent["programmed"], {"x8": 0, "x16": 0, "x32": -(-FLIGHT_SIZE // 4)})
        self.server.wait_for(r"erased 0, wrote 72\.2 KiB, verified")

    def test_the_second_load_writes_nothing(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        spent = self.load_twice(gdb, image.FLIGHT_ELF)
        self.assertEqual(sum(spent["erases"].values()), 0)
        self.assertEqual(sum(spent["programmed"].values()), 0)
        self.server.wait_for(
            "all 5 sectors unchanged, verified")
        self.assert_all_matched(gdb("compare-sections"))
        gdb("tbreak main")
        self.assertEqual(gdb.go("continue").function, "main")

    def test_one_changed_byte_costs_one_sector(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        changed = dict(FLIGHT)
        data = bytearray(changed[FLASH])
        data[0x9123] ^= 0xFF  # in sector 2
        changed[FLASH] = bytes(data)
        spent = self.load_twice(gdb, image.write_hex(self.path("changed.hex"), changed.items()))
        self.assertEqual(spent["erases"], {"x8": 0, "x16": 0, "x32": 1})
        self.assertEqual(sum(spent["programmed"].values()), 16384 // 4)
        self.assert_flash_holds(changed)
        self.server.wait_for("4 of 5 sectors unchanged, erased 1, wrote 16 KiB")

    def test_cleared_bits_need_no_erase(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        changed = dict(FLIGHT)
        data = bytearray(changed[FLASH])
        data[0x9123] = 0
        changed[FLASH] = bytes(data)
        spent = self.load_twice(gdb, image.write_hex(self.path("changed.hex"), changed.items()))
        self.assertEqual(sum(spent["erases"].values()), 0)
        self.assertEqual(spent["programmed"], {"x8": 0, "x16": 0, "x32": 1})
        self.assert_flash_holds(changed)

    def test_every_sector_dirty(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        other = image.write_hex(self.path("other.hex"), [(FLASH, image.pattern(FLASH_SIZE))])
        gdb(f"load {other}")
        self.assert_flash_holds({FLASH: image.pattern(FLASH_SIZE)})
        before = self.board.books()
        gdb(f"load {image.FLIGHT_HEX}")
        spent = self.books_since(before)
        self.assertEqual(spent["erases"], {"x8": 0, "x16": 0, "x32": FLIGHT_SECTORS})
        rest = self.board.flash()
        self.assertEqual(rest[:FLIGHT_SIZE], FLIGHT[FLASH])
        self.assertEqual(set(rest[FLIGHT_SIZE:0x20000]), {0xFF}, "of the last erased sector")
        self.assertEqual(rest[0x20000:], image.pattern(FLASH_SIZE)[0x20000:], "of the next")
        self.assert_all_matched(gdb("compare-sections"))

    def assert_modelled_s(self, spent, limit_s):
        """Modelled time; of the waiting only what the flash needs, the rest is this machine's."""
        busy_ns = sum(spent[part] for part in ("usb_ns", "firmware_ns", "swd_ns"))
        waited_ns = min(spent["idle_ns"], spent["erase_ns"] + spent["program_ns"])
        self.assertLessEqual((busy_ns + waited_ns) / 1e9, limit_s)

    def test_over_other_contents_in_3_seconds_erased_by_words(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        gdb(f"load {image.write_hex(self.path('other.hex'), [(FLASH, bytes(FLASH_SIZE))])}")
        before = self.board.books()
        gdb(f"load {image.FLIGHT_HEX}")
        spent = self.books_since(before)
        self.assertEqual(spent["erases"], {"x8": 0, "x16": 0, "x32": FLIGHT_SECTORS})
        self.assert_modelled_s(spent, 3.0)

    def test_keep_unwritten(self):
        self.start_board()
        self.start_server("--keep-unwritten")
        gdb = self.start_gdb()
        old, new = image.pattern(0x20000), image.pattern(0x5001, 7)
        gdb(f"load {image.write_hex(self.path('old.hex'), [(FLASH, old)])}")
        gdb(f"load {image.write_hex(self.path('new.hex'), [(FLASH + 0x1003, new)])}")
        wanted = old[:0x1003] + new + old[0x1003 + len(new):]
        self.assert_flash_holds({FLASH: wanted})

    def test_without_keep_unwritten_the_rest_of_a_sector_is_blank(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        old, new = image.pattern(0x20000), image.pattern(0x5001, 7)
        gdb(f"load {image.write_hex(self.path('old.hex'), [(FLASH, old)])}")
        gdb(f"load {image.write_hex(self.path('new.hex'), [(FLASH + 0x1003, new)])}")
        self.assert_flash_holds({FLASH + 0x1003: new, FLASH + 0x8000: old[0x8000:]})

    def test_no_loader(self):
        self.start_board()
        self.start_server("--no-loader")
        gdb = self.start_gdb()
        gdb(f"load {image.FLIGHT_HEX}")
        self.assert_flash_holds(FLIGHT)
        self.assert_all_matched(gdb("compare-sections"))
        data = image.pattern(12345, 3)
        gdb(f"load {image.write_hex(self.path('odd.hex'), [(FLASH + 0x3FFD, data)])}")
        flash = self.board.flash()
        self.assertEqual(flash[0x3FFD:0x3FFD + len(data)], data)
        self.assertEqual(flash[0x8000:FLIGHT_SIZE], FLIGHT[FLASH][0x8000:])

    def test_a_load_interrupted_twice_and_finished(self):
        self.start_board()
        self.start_server()
        gdb = self.start_gdb()
        other = image.write_hex(self.path("other.hex"), [(FLASH, image.pattern(FLASH_SIZE))])
        gdb(f"load {other}")
        for _ in range(2):
            before = self.board.books()
            gdb.begin(f"load {image.FLIGHT_HEX}")
            wait_until("an erase", lambda: any(self.books_since(before)["erases"].values()))
            gdb.kill()
            self.server.wait_for("the load ended early|verified")
            gdb = self.start_gdb()
        gdb(f"load {image.FLIGHT_HEX}")
        flash = self.board.flash()
        self.assertEqual(flash[:FLIGHT_SIZE], FLIGHT[FLASH])
        gdb("tbreak main")
        self.assertEqual(gdb.go("continue").function, "main")


if __name__ == "__main__":
    main()
