"""Diagnosis: what a person in front of the real gdb sees when the board is in trouble, with the real
server and the real board as processes of their own."""
import os
import subprocess

import image
from scenario import BUILD, Scenario, main


class Diagnosis(Scenario):
    def test_the_supply_breaks_down_under_a_load(self):
        """The thread: sectors 0 to 4 are to be erased, and the battery is flat."""
        gdb = self.start_all()
        self.board.fault("vdd-droop erase:1 +120ms 1400")
        other = image.write_hex(self.path("other.hex"), [(0x08000000, image.pattern(78403))])
        books = self.board.books()
        gdb(f"load {other}")
        self.server.wait_for("error: FD02: the supply broke down while sector 1 was erased")
        self.server.wait_for(r"error:   evidence: RCC_CSR 0E000000 \(BORRSTF PINRSTF PORRSTF\); "
                             r"DBGMCU_CR 00000000; VTref 3\.\d\d V before, 1\.40 V at least")
        self.server.wait_for("error:   remedy: charge the battery")
        self.server.wait_for("warning: loading again, once, at x16 instead of x32")
        self.assertEqual(self.board.flash()[:78403], image.pattern(78403))
        self.assertGreater(self.books_since(books)["erases"]["x16"], 0)
        self.assertIn("FD02", gdb("monitor voltage"))  # the next chance to show it
        self.assertIn("now: nothing is wrong", gdb("monitor diagnose"))

    def test_write_protection_is_named_and_taken_away(self):
        gdb = self.start_all()
        other = image.write_hex(self.path("other.hex"), [(0x08000000, image.pattern(0x5000))])
        gdb("monitor option write wrp 0-1")
        gdb("monitor reset halt")
        before = self.board.flash()
        gdb.refuses(f"load {other}")
        self.server.wait_for("error: FD14: sectors 0-1 are write-protected; nothing was erased")
        self.assertEqual(self.board.flash(), before)
        told = gdb("monitor diagnose")
        self.assertIn("last failure: FD14", told)
        self.assertIn("monitor option write wrp none", told)
        self.assertRegex(gdb("monitor option"), r"wrp +0-1 ")
        gdb("monitor option write wrp none")
        gdb(f"load {other}")
        self.assertEqual(self.board.flash()[:0x5000], image.pattern(0x5000))

    def test_level_2_is_refused(self):
        gdb = self.start_all()
        self.assertIn("can never be undone", gdb.refuses("monitor option write rdp 2"))
        self.assertRegex(gdb("monitor option"), r"rdp +0 \(AA\)")

    def test_diagnose_at_any_time_changes_nothing(self):
        gdb = self.start_all()
        self.resume(gdb)
        gdb.interrupt()
        registers = gdb("info registers pc sp lr")
        books = self.board.books()
        self.assertIn("now: nothing is wrong", gdb("monitor diagnose"))
        self.assertEqual(gdb("info registers pc sp lr"), registers)
        self.assertEqual(self.books_since(books)["resets"], 0)

    def test_the_catalogue_of_causes(self):
        table = subprocess.run([os.path.join(BUILD, "stlink-gdb"), "--list-causes"], check=True,
                               capture_output=True, text=True, timeout=60).stdout
        for number in range(1, 38):
            self.assertIn(f"| FD{number:02} | ", table)
        self.assertNotIn("{", table)


if __name__ == "__main__":
    main()
