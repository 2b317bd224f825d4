#!/usr/bin/env python3
"""pyOCD 0.13.1, Debian's, on the virtual board. It knows no STM32F401 and so no way into its
flash: what a Cortex-M of any make can be asked is tried.

    pyocd.py BUILD [IDENTITY...]
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab.lab import check, check_has, image, main  # noqa: E402

BASE, RAM = 0x08000000, 0x20008000
TOOL_S = 60
# It came before the V3, and before anybody asked J26 for what it wants.
IDENTITIES = ("V2", "V2-1 J37")


class PyOcd:
    """pyocd-tool with one board."""

    def __init__(self, lab, board):
        self.lab = lab
        self.board = board

    def tool(self, words):
        return self.lab.succeed(f"pyocd-tool {words} 2>&1", TOOL_S)

    # ---- scenarios ----

    def probe(self):
        serial = self.lab.succeed("cat /sys/bus/usb/devices/1-1/serial").strip()
        check_has(self.tool("list"), serial)
        check_has(self.tool("-t cortex_m status"), r"Core 0 status: +(Sleeping|Running)")

    def memory(self):
        size = 0x4000
        self.tool(f"-t cortex_m savemem {BASE:#x} {size} /run/pyocd")
        check(self.lab.run(f"cmp -n {size} /run/pyocd {self.lab.path('image')}").status == 0,
              "it read something else than what is in the flash")
        self.tool(f"-t cortex_m -H write32 {RAM:#x} 0x12345678")
        check(self.board.peek(RAM, 4).hex() == "78563412", "it wrote something else")

    def core(self):
        check_has(self.tool("-t cortex_m -H reg pc"), "pc = 0x08")
        before = self.board.books()["resets"]
        self.tool("-t cortex_m reset")
        check(self.board.books()["resets"] > before, "no reset")


def scenarios(lab):
    version = lab.succeed("pyocd-tool --version").strip()
    for identity, options in lab.identities():
        if identity not in IDENTITIES:
            continue
        with lab.board(*options) as board:
            path = board.attach()
            lab.load_firmware()
            stranger = PyOcd(lab, board)
            for what, scenario in (("list and status", PyOcd.probe), ("memory", PyOcd.memory),
                                   ("registers, reset", PyOcd.core)):
                lab.scenario(f"pyocd {version}, {identity}", board, what, scenario, stranger)
            board.detach(path)


if __name__ == "__main__":
    sys.exit(main("pyocd", scenarios))
