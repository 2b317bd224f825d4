#!/usr/bin/env python3
"""stlink-tools 1.7 on the virtual board: st-info, st-flash and st-util.

    stlink_tools.py BUILD [IDENTITY...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab import debugging  # noqa: E402
from lab.lab import check, check_has, check_has_not, image, main  # noqa: E402

BASE = 0x08000000
SECTOR = 0x4000
FLASH_S = 120


class StlinkTools:
    """The three programs with one board."""

    def __init__(self, lab, board):
        self.lab = lab
        self.board = board

    def flash(self, words):
        return self.lab.succeed(f"st-flash {words} 2>&1", FLASH_S)

    def has_image(self):
        check(self.board.peek(BASE, len(image())) == image(), "the flash has something else")

    # ---- scenarios ----

    def probe(self):
        check_has(self.lab.succeed("st-info --probe"), "Found 1 stlink programmers",
                  "flash: +262144 ", "sram: +65536", "chipid: +0x0423", "descr: +F4xx")
        for question, answer in (("flash", "0x40000"), ("sram", "0x10000"), ("chipid", "0x0423"),
                                 ("pagesize", "0x4000")):
            check_has(self.lab.succeed(f"st-info --{question}"), f"^{answer}$")

    def load(self):
        text = self.flash(f"--reset --format ihex write {self.lab.firmware}/flight.hex")
        check_has(text, "Flash written and verified")
        self.has_image()

    def read_back(self):
        size = len(image())
        self.flash(f"read /run/back {BASE:#x} {size}")  # which it rounds up to words
        check(self.lab.run(f"cmp -n {size} /run/back {self.lab.path('image')}").status == 0,
              "it differs")
        self.flash(f"--hot-plug --freq=950K read /run/back {BASE + SECTOR:#x} 4096")
        check(self.lab.run(f"cmp -n 4096 -i 0:{SECTOR} /run/back {self.lab.path('image')}").status
              == 0, "a part of it differs")

    def resets(self):
        for words in ("reset", "--connect-under-reset read /run/back 0x08000000 64"):
            before = self.board.books()["resets"]
            self.flash(words)
            check(self.board.books()["resets"] > before, f"no reset by st-flash {words}")
        before = self.board.books()["resets"]
        self.flash("--hot-plug read /run/back 0x08000000 64")
        check(self.board.books()["resets"] == before, "a reset in spite of --hot-plug")

    def under_reset(self):
        """It lets NRST go before it halts the core: a program that takes the pins of SWD away with
        its first instructions is faster, and nothing is found. Sleep it copes with."""
        check_has(self.lab.succeed("st-info --chipid --connect-under-reset"), "^0x0423$")
        self.board.control("fault swd off")
        for line in ("power off", "power on", "run 10"):
            self.board.control(line)
        for words in ("--hot-plug", "--connect-under-reset"):
            check_has_not(self.lab.run(f"st-info --chipid {words} 2>&1").text, "0x0423")
        self.board.control("fault swd on")
        check_has(self.lab.succeed("st-info --chipid"), "^0x0423$")

    def erase(self):
        self.flash("erase")
        check(set(self.board.peek(BASE, 0x40000)) == {0xFF}, "the chip is not blank")
        check(self.board.books()["mass_erases"] >= 1, "that was no mass erase")

    def option_bytes(self):
        """1.7 knows the option bytes of other chips of the family only, and says so."""
        result = self.lab.run("st-flash --area=option read 2>&1")
        check(result.status != 0, "it read them")
        check_has(result.text, "Option bytes read is currently not supported")

    def debug(self):
        port = 4242 + self.lab.next_number()
        job = self.lab.start(f"exec st-util --multi -p {port} 2>&1")
        job.expect(f"Listening at *:{port}", 30)
        text = self.lab.run(debugging.gdb(
            self.lab, port, "monitor reset", "monitor halt", "load", "compare-sections",
            "break practice_round", "continue", "continue", 'printf "ticks %u\\n", ticks',
            "backtrace", "stepi", 'printf "pc %#x\\n", $pc'), FLASH_S).text
        self.has_image()
        check(text.count(": matched.") >= 3 and "MIS-MATCHED" not in text, text)
        check_has(text, "^ticks 1000", r"^#0 .*practice_round", r"^#[1-3] .*main \(\)")
        job.stop()


SCENARIOS = (
    ("st-info: probe", StlinkTools.probe),
    ("st-flash: load and verify a HEX", StlinkTools.load),
    ("st-flash: read back", StlinkTools.read_back),
    ("st-flash: resets", StlinkTools.resets),
    ("st-info: connect under reset", StlinkTools.under_reset),
    ("st-flash: erase all", StlinkTools.erase),
    ("st-flash: option bytes", StlinkTools.option_bytes),
    ("st-util: load, break, step", StlinkTools.debug),
)


def scenarios(lab):
    version = lab.succeed("st-info --version").strip().lstrip("v")
    for identity, options in lab.identities():
        with lab.board(*options) as board:
            path = board.attach()
            stranger = StlinkTools(lab, board)
            for what, scenario in SCENARIOS:
                lab.scenario(f"stlink-tools {version}, {identity}", board, what, scenario, stranger)
            board.detach(path)


if __name__ == "__main__":
    sys.exit(main("stlink_tools", scenarios))
