"""Fifty loads with nothing wrong: chips, probes, voltages and images of many kinds, and not one cause
is named, in the log, to gdb or to scripts. Ten boards, five loads each."""
import json
import random
import re

import image
from board import FLASH
from scenario import Scenario, main

LOADS = 5
BOARDS = [
    ("stm32f401cc", "v2", 3300), ("stm32f401cc", "v21", 3300), ("stm32f401cc", "v3", 2750),
    ("stm32f401cc", "v3pwr", 2500), ("stm32f401re", "v21", 2000), ("stm32f411ce", "v3", 3000),
    ("stm32f405rg", "v21", 3600), ("stm32f407vg", "v3", 3300), ("stm32f429zi", "v21", 3300),
    ("stm32f413zh", "v2", 1800),
]
CAUSE = re.compile(r"FD\d\d")


class Healthy(Scenario):
    def load(self, gdb, rng):
        """Something of some size somewhere in the first sectors."""
        start = rng.choice((0, 0, 0x100, 0x4000, 0x7F00))
        data = image.pattern(rng.randrange(4, 0x5000), rng.randrange(1, 1 << 30))
        file = image.write_hex(self.path("image.hex"), [(FLASH + start, data)])
        gdb(f"load {file}")
        self.assertEqual(self.board.read(FLASH + start, len(data)), data)
        if rng.random() < 0.5:
            gdb(f"load {file}")  # nothing to be done

    def play(self, number):
        chip, probe, millivolts = BOARDS[number]
        rng = random.Random(number)
        self.start_board("--board", chip, "--probe", probe, "--vdd", str(millivolts))
        self.start_server("--json", ready=False)
        self.server.port = self.server.wait_for(
            r'"event":"ready","port":(\d+)', "out").group(1)
        gdb = self.start_gdb(program=None)
        for _ in range(LOADS):
            self.load(gdb, rng)
        told = gdb("monitor diagnose")
        self.assertIn("nothing has failed so far", told)
        self.assertIn("now: nothing is wrong", told)
        self.assertIsNone(CAUSE.search(told + self.server.text()), self.server.text())
        events = [json.loads(line)["event"] for line in self.server.text("out").splitlines()]
        self.assertNotIn("diagnosis", events)
        self.assertGreaterEqual(events.count("flash"), LOADS)

    def test_fifty_loads_name_no_cause(self):
        for number, board in enumerate(BOARDS):
            with self.subTest(board):
                self.play(number)
            self.doCleanups()
            self.setUp()


if __name__ == "__main__":
    main()
