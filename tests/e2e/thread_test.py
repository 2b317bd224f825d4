"""The thread that this product is for: 78,403 bytes for sectors 0 to 4 of an STM32F401CC, and a
supply that breaks down while sector 1 is erased. What the person at the real gdb sees, and beside it
a naive client on the same board.
"""
import image
from naive import GIVES_UP_S, Naive
from scenario import Scenario, main

IMAGE_SIZE = 78403
ANSWER_S = 2.0
DIP = ("at erase:1 +120ms vdd 1400", "at erase:1 +320ms vdd {}")


class Thread(Scenario):
    def load_with_a_dip(self, back_to_mv):
        """(gdb, whether the load went well) of a board whose time is the wall's."""
        self.start_board("--pace", "real", flashed=True)
        self.start_server()
        gdb = self.start_gdb(program=None)
        self.image = image.pattern(IMAGE_SIZE, 3)
        other = image.write_hex(self.path("other.hex"), [(0x08000000, self.image)])
        for line in DIP:
            self.board.ask(line.format(back_to_mv))
        token = gdb.begin(f"load {other}")
        self.server.wait_for("^error: FD02: ")
        named_s = self.board.books()["time_ns"] / 1e9
        dipped_s = self.board.ask("moments")["first_ns"] / 1e9
        self.assertLess(named_s - dipped_s, ANSWER_S)
        outcome = None
        while outcome is None:
            outcome = gdb.outcome(token)
        return gdb, outcome[0] == "done"

    def test_it_is_named_at_once_and_the_load_succeeds_at_x16(self):
        gdb, is_done = self.load_with_a_dip(3300)
        self.assertTrue(is_done)
        self.server.wait_for("error: FD02: the supply broke down while sector 1 was erased")
        self.server.wait_for(r"evidence: RCC_CSR 0E000000 \(BORRSTF PINRSTF PORRSTF\); DBGMCU_CR "
                             r"00000000; VTref 3\.29 V before, 1\.(39|40) V at least")
        self.server.wait_for("warning: loading again, once, at x16 instead of x32")
        self.assertEqual(self.board.flash()[:IMAGE_SIZE], self.image)
        self.assertGreater(self.board.books()["erases"]["x16"], 0)
        self.assertIn("FD02", gdb("monitor voltage"))
        self.assertIn("now: nothing is wrong", gdb("monitor diagnose"))

    def test_a_battery_that_stays_flat_ends_it_with_what_to_do(self):
        gdb, is_done = self.load_with_a_dip(1790)
        self.assertFalse(is_done)
        self.server.wait_for(r"error: no second try: the supply stays at 1\.7\d V")
        told = gdb("monitor diagnose")
        self.assertIn("last failure: FD02: the supply broke down while sector 1 was erased", told)
        self.assertIn("remedy: charge the battery or use a bench supply", told)
        self.assertRegex(told, r"flash: sectors 0 partly written, 1 undefined \(an erase was cut "
                               r"short\), 2-4 old; the first bytes are not written")
        flash = self.board.flash()
        self.assertNotEqual(flash[:8], self.image[:8])
        self.assertEqual(self.board.books()["erases"]["x16"], 0)
        self.assertTrue(gdb("monitor voltage"))

    def test_a_naive_client_waits_300_s_and_knows_nothing(self):
        self.start_board(flashed=True)
        for line in DIP:
            self.board.ask(line.format(3300))
        client = Naive(self.board)
        self.addCleanup(client.close)
        start = self.board.books()["time_ns"]
        self.assertFalse(client.erase(range(5)))
        took_s = (self.board.books()["time_ns"] - start) / 1e9
        self.assertGreaterEqual(took_s, GIVES_UP_S)
        self.assertEqual(client.said, ["Error: failed to erase memory",
                                       "Error: Unable to get core ID",
                                       "Error: Connection to device 0x423 is lost"])

    def test_the_naive_client_is_right_on_a_board_without_trouble(self):
        self.start_board(flashed=True)
        client = Naive(self.board)
        self.addCleanup(client.close)
        self.assertTrue(client.erase(range(5)), client.said)
        self.assertEqual(self.board.flash()[:0x20000], b"\xff" * 0x20000)


if __name__ == "__main__":
    main()
