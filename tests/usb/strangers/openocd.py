#!/usr/bin/env python3
"""OpenOCD 0.12 on the virtual board, in both of its ways with an ST-LINK: HLA and dapdirect.

    openocd.py BUILD [IDENTITY...]
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab import debugging  # noqa: E402
from lab.lab import check, check_has, check_has_not, image, main  # noqa: E402

WAYS = {
    "hla": "-f interface/stlink.cfg",
    "dapdirect": "-f interface/stlink-dap.cfg -c 'transport select dapdirect_swd'",
}
BASE = 0x08000000
RUN_S = 120
LISTENS = "Listening on port {} for gdb connections"


class OpenOcd:
    """OpenOCD with one board."""

    def __init__(self, lab, board, way):
        self.lab = lab
        self.board = board
        self.way = way

    def line(self, *commands):
        words = "".join(f" -c '{command}'" for command in commands)
        return f"openocd {WAYS[self.way]} -f target/stm32f4x.cfg{words} 2>&1"

    def do(self, *commands, config=(), fails=False):
        """The output of a whole run; one with an error fails, unless it is what is wanted."""
        result = self.lab.run(self.line(*config, "init", *commands, "shutdown"), RUN_S)
        check((result.status != 0) == fails, result.text)
        if not fails:
            check_has_not(result.text, "^Error(?!.*clearing lockup)")  # of a blank chip
        return result.text

    # ---- scenarios ----

    def probe(self):
        text = self.do("targets", "flash probe 0", "flash info 0", "mdw 0xe0042000")
        check_has(text, r"STLINK V[23]J\d+", r"Target voltage: 3\.[23]\d", "Cortex-M4 r0p1",
                  "6 breakpoints, 4 watchpoints", "device id = 0x10016423", "flash size = 256 KiB",
                  "0xe0042000: 10016423", r"# +5: 0x00020000 \(0x20000 128kB\) not protected")
        if self.way == "dapdirect":
            check_has(self.do("dap info 0"), "MEM-AP AHB3", "Cortex-M4 SCS", "Cortex-M3 DWT",
                      "Cortex-M3 FPB")

    def load(self):
        text = self.do(f"program {self.lab.firmware}/flight.hex verify reset")
        check_has(text, "Programming Finished", "Verified OK", "Resetting Target")
        check(self.board.peek(BASE, len(image())) == image(), "the flash has something else")

    def read_back(self):
        data = image()
        text = self.do("halt", f"dump_image /run/dump {BASE:#x} {len(data)}", "mdb 0x08000003 5",
                       "mdh 0x08000002 3", "mdw 0x08000000 2")
        check(self.lab.run(f"cmp /run/dump {self.lab.path('image')}").status == 0, "it differs")
        check_has(text, "halted due to debug-request",
                  "0x08000003: " + " ".join(f"{byte:02x}" for byte in data[3:8]),
                  f"0x08000000: {int.from_bytes(data[0:4], 'little'):08x}")

    def erase(self):
        self.do("reset halt", "flash erase_sector 0 1 3")
        check(self.board.peek(BASE + 0x4000, 0xC000) == b"\xff" * 0xC000, "sectors 1-3 are not blank")
        check(self.board.peek(BASE, 0x4000) == image()[:0x4000], "sector 0 is gone")
        self.do("reset halt", "stm32f4x mass_erase 0")
        check(set(self.board.peek(BASE, 0x40000)) == {0xFF}, "the chip is not blank")
        check(self.board.books()["mass_erases"] == 1, "that was no mass erase")

    def option_bytes(self):
        self.do("reset halt", "flash probe 0", "flash protect 0 2 2 on")
        check_has(self.do("reset halt", "flash info 0"), r"# +2: .* protected$",
                  r"# +3: .* not protected$")
        text = self.do("reset halt", "flash erase_sector 0 2 2", fails=True)
        check_has(text, "failed erasing sectors 2 to 2")
        self.do("reset halt", "flash probe 0", "flash protect 0 2 2 off")
        text = self.do("reset halt", "flash info 0", "flash erase_sector 0 2 2",
                       "stm32f4x options_read 0")
        check_has(text, r"# +2: .* not protected$")

    def reset(self, command, config=(), least=1):
        before = self.board.books()["resets"]
        text = self.do(command, "echo state:[stm32f4x.cpu curstate]", config=config)
        check(self.board.books()["resets"] - before >= least, f"no reset by {command} {config}")
        check_has(text, "^state:running" if command == "reset run" else "^state:halted")

    def resets(self):
        self.reset("reset run")
        self.reset("reset halt")
        self.reset("reset init")
        self.reset("reset halt", ["reset_config srst_only"])
        self.reset("reset run", ["reset_config srst_only"])
        self.reset("reset halt", ["reset_config none"])
        if self.way == "dapdirect":
            self.reset("reset halt", ["reset_config none", "cortex_m reset_config vectreset"], 0)
            self.reset("soft_reset_halt")

    def under_reset(self):
        """The program takes the pins of SWD away; only reset gives them back."""
        self.board.control("fault swd off")
        for line in ("power off", "power on", "run 10"):
            self.board.control(line)
        check_has(self.do("halt", fails=True), "Error")
        text = self.do("reset halt", "reg pc", config=[
            "reset_config srst_only srst_nogate connect_assert_srst"])
        check_has(text, rf"pc \(/32\): 0x{int.from_bytes(image()[4:8], 'little') & ~1:08x}")
        self.board.control("fault swd on")

    def debug(self):
        port = 3333 + self.lab.next_number()
        job = self.lab.start("exec " + self.line(f"gdb_port {port}", "tcl_port disabled",
                                                 "telnet_port disabled"))
        job.expect(LISTENS.format(port), 30)
        debugging.whole_session(self.lab, self.board, port, "monitor reset halt",
                                leave=("monitor resume", "detach"),
                                tells_watchpoint=self.way != "hla")
        debugging.interrupt(self.lab, self.board, port)
        job.stop()


SCENARIOS = (
    ("probe", OpenOcd.probe),
    ("load and verify a HEX", OpenOcd.load),
    ("read back", OpenOcd.read_back),
    ("every kind of reset", OpenOcd.resets),
    ("connect under reset", OpenOcd.under_reset),
    ("erase sectors, erase all", OpenOcd.erase),
    ("option bytes", OpenOcd.option_bytes),
    ("gdb: load, break, step, watch", OpenOcd.debug),
)
# Everything on these, for the time it takes. The session with gdb loads and verifies as well.
THOROUGH = (("V2", "hla"), ("V2-1 J37", "hla"), ("V2-1 J37", "dapdirect"), ("V3", "dapdirect"))
BASIC = (OpenOcd.probe, OpenOcd.load, OpenOcd.under_reset, OpenOcd.debug)
# Firmware before J32 cannot be told the CSW of a memory command, so dapdirect moves each word by
# itself there: a load takes a minute.
WORD_BY_WORD = (("V2-1 J26", "dapdirect"),)


def scenarios_for(identity, way):
    if (identity, way) in THOROUGH:
        return SCENARIOS
    functions = (OpenOcd.probe, OpenOcd.resets) if (identity, way) in WORD_BY_WORD else BASIC
    return [scenario for scenario in SCENARIOS if scenario[1] in functions]


def version(lab):
    return re.search(r"Debugger (\S+)", lab.run("openocd --version 2>&1").text).group(1)


def scenarios(lab):
    name = "openocd " + version(lab)
    for identity, options in lab.identities():
        for way in WAYS:
            with lab.board(*options) as board:
                path = board.attach()
                stranger = OpenOcd(lab, board, way)
                if (identity, way) in WORD_BY_WORD:
                    lab.load_firmware()
                for what, scenario in scenarios_for(identity, way):
                    lab.scenario(f"{name} {way}, {identity}", board, what, scenario, stranger)
                board.detach(path)


if __name__ == "__main__":
    sys.exit(main("openocd", scenarios))
