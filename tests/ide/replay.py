"""Plays what an IDE types into gdb. The language of replays/*.replay, a line each:

  # ...               a comment
  -command            to gdb's machine interface, as the IDE sends it; must not fail
  command             a console command, as the IDE or the user sends it; must not fail
  refused: command    must fail
  live: command       to a second gdb beside the first, as live watch has one
  = halted, = running     what the board's control socket says of the core, before long
  = reset             the chip was reset since the last such line
  = kept              it was not
  = loaded            the flash holds flight.hex, byte for byte
  = stop [FUNCTION]   the program stops (there)
  = text PATTERN      what the last command said

{port}, {elf} and {folder} are put in.
"""
import os
import re

import image
from gdb import Gdb, GdbError
from process import wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


class MiGdb(Gdb):
    """gdb, typed into as an IDE does: machine-interface and console commands as they are."""

    def __init__(self, folder, name):
        super().__init__(folder, name)
        self.said = ""

    def type(self, command):
        self._stops.clear()
        _, _, self.said = self._run(command)

    def begin_typing(self, command):
        """Sends it, and looks at nothing that follows."""
        self._send(command)


class Replay:
    def __init__(self, scenario, name, **variables):
        self.scenario = scenario
        self.gdbs = {}
        self.resets = scenario.board.books()["resets"]
        with open(os.path.join(HERE, "replays", f"{name}.replay"), encoding="utf-8") as file:
            lines = [line.strip() for line in file]
        for key, value in variables.items():
            lines = [line.replace(f"{{{key}}}", str(value)) for line in lines]
        self.lines = [line for line in lines if line and not line.startswith("#")]

    def gdb(self, name="gdb"):
        if name not in self.gdbs:
            self.gdbs[name] = MiGdb(self.scenario.folder, f"{name}{len(self.gdbs)}")
            gdb = self.gdbs[name]
            self.scenario.addCleanup(lambda: gdb.is_running() and gdb.kill())
        return self.gdbs[name]

    def play(self, lines=None):
        for line in self.lines if lines is None else lines:
            try:
                self.play_line(line)
            except (AssertionError, GdbError) as error:
                raise AssertionError(f"{line}\n{error}") from error

    def play_line(self, line):
        if line.startswith("= "):
            words = line[2:].split(" ", 1)
            getattr(self, f"expect_{words[0]}")(*words[1:])
        elif line.startswith("refused: "):
            self.expect_refusal(line[len("refused: "):])
        elif line.startswith("live: "):
            self.gdb("live").type(line[len("live: "):])
        else:
            self.gdb().type(line)

    def expect_refusal(self, command):
        try:
            self.gdb().type(command)
        except GdbError as error:
            self.gdb().said = str(error)
            return
        raise AssertionError(f"gdb took it and said {self.gdb().said!r}")

    def expect_halted(self):
        wait_until("the core to be halted", self.scenario.board.is_halted)

    def expect_running(self):
        wait_until("the core to run", lambda: not self.scenario.board.is_halted())

    def expect_reset(self):
        before, self.resets = self.resets, self.scenario.board.books()["resets"]
        self.scenario.assertGreater(self.resets, before)

    def expect_kept(self):
        self.scenario.assertEqual(self.scenario.board.books()["resets"], self.resets, "reset")

    def expect_loaded(self):
        self.scenario.assert_flash_holds(image.read_hex(image.FLIGHT_HEX))

    def expect_stop(self, function=None):
        stop = self.gdb().wait_stop()
        if function:
            self.scenario.assertEqual(stop.function, function)

    def expect_text(self, pattern):
        said = self.gdb().said
        self.scenario.assertTrue(re.search(pattern, said), f"{pattern!r} in {said!r}")

    def end(self):
        """The IDE goes: its gdbs are told to end, as it ends them."""
        for gdb in self.gdbs.values():
            gdb.quit()
