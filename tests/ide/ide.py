"""Base of the IDE scenarios: a workspace as a developer's, the settings of settings/ in it, the server
found on PATH under every name it answers to, and a board that must be left as it was found.

Built on tests/e2e (CMakeLists.txt puts it on PYTHONPATH).
"""
import json
import os

import image
from board import C_DEBUGEN, C_HALT, DBGMCU_APB1_FZ, DBGMCU_CR, DEMCR, DHCSR, FP_COMPS, FP_CTRL
from process import marked_processes, wait_until
from scenario import BUILD, Scenario

HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = os.path.join(HERE, "settings")
PROGRAMS = ["stlink-gdb", "st-util", "ST-LINK_gdbserver", "openocd", "pyocd"]

# TRCENA and TRACE_IOEN, TIM2 frozen: found on the chip by whoever debugs it, and to be put back.
FOUND = {DBGMCU_CR: 0x20, DBGMCU_APB1_FZ: 0x1, DEMCR: 1 << 24}


class IdeScenario(Scenario):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("bin"))
        os.mkdir(self.path("build"))
        os.symlink(image.TESTS, self.path("tests"))
        os.symlink(image.FLIGHT_ELF, self.path("build/firmware.elf"))
        for name in PROGRAMS:
            os.symlink(os.path.join(BUILD, "stlink-gdb"), self.path(f"bin/{name}"))

    def start_found_board(self, flashed=True):
        """A board that flies, or is blank, and that somebody has set up for tracing."""
        self.start_board(flashed=flashed)
        for address, value in FOUND.items():
            self.board.set_register(address, value)

    def probe(self):
        """What the settings of a machine with one ST-LINK need not say."""
        return ["--probe", f"usbip:127.0.0.1:{self.board.port}/1-1"]

    def in_workspace(self, value):
        """Settings with the variables of the IDE put in."""
        return json.loads(json.dumps(value).replace("${workspaceFolder}", self.folder))

    def assert_board_is_clean(self):
        """As it was found, and running."""
        wait_until("debugging to be off", lambda: not self.board.register(DHCSR) & C_DEBUGEN)
        self.assertFalse(self.board.register(DHCSR) & C_HALT)
        self.assertEqual([self.board.register(comp) for comp in FP_COMPS], [0] * len(FP_COMPS))
        self.assertFalse(self.board.register(FP_CTRL) & 1)
        for address, value in FOUND.items():
            self.assertEqual(self.board.register(address), value, hex(address))
        self.assert_runs()

    def assert_only_the_board_runs(self):
        wait_until("only the board to be left",
                   lambda: marked_processes() == [self.board.pid])
