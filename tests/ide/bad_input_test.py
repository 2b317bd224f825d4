"""IDEs and people who get it wrong: the wrong dialect, unknown options and words, and a client that hangs
up in the midst of any step of what Cortex-Debug does."""
import image
import command_lines as ide
from ide import PROGRAMS
from replay import MiGdb
from replay_test import ReplayScenario
from scenario import main

FIRST_WITH_A_SERVER = "-target-select"


class BadInput(ReplayScenario):
    def refused(self, *line):
        """Exit code 2, and what it said."""
        self.start_as(line, None)
        self.assertEqual(self.server.wait(), 2, self.server.text())
        return self.server.text()

    def test_an_unknown_option_names_the_nearest(self):
        self.assertIn("did you mean --listen_port?", self.refused("st-util", "--listen-prot", "1"))
        self.assertIn("did you mean --serial-number?",
                      self.refused("ST-LINK_gdbserver", "--serial-nummer", "1"))
        self.assertIn("did you mean --search?", self.refused("openocd", "--serch", "."))
        self.assertIn("did you mean --frequency?", self.refused("pyocd", "--frequncy", "1"))
        self.assertIn("did you mean --virtual?", self.refused("stlink-gdb", "--virtal"))

    def test_the_command_line_of_another(self):
        """An IDE that is told the wrong kind of server hears of it at once, and opens no port."""
        openocd = ide.launch_json(self.folder, "cortex-debug", "openocd")
        words = ide.cortex_debug(openocd, self.port)[0][1:]
        for line in (["st-util", *words], ["ST-LINK_gdbserver", *words], ["pyocd", *words],
                     ["st-util", *ide.cubeide(self.port)[0][1:]],
                     ["openocd", *ide.cubeide(self.port)[0][1:]]):
            with self.subTest(line=line):
                self.assertIn("error: ", self.refused(*line))
                self.assertEqual(self.server.text("out"), "")

    def test_words_of_other_dialects(self):
        """Every name takes everybody's everyday words; what none of them has gets a hint."""
        for name in PROGRAMS:
            line = [name, "gdbserver", "-p", self.port] if name == "pyocd" else (
                [name, "-c", f"gdb_port {self.port}"] if name == "openocd" else
                [name, "-p", self.port])
            self.start_as(line, "Listening on port")
            replay = self.read("words")
            replay.play()
            replay.end()
            self.end_server()

    def test_a_client_that_hangs_up_in_any_step(self):
        """gdb is killed as soon as it has a command; the next one finds everything in order."""
        line, ready = ide.cortex_debug(
            ide.launch_json(self.folder, "cortex-debug", "openocd"), self.port)
        self.start_as(line, ready)
        lines = self.read("cortex_debug_openocd").lines
        first = next(i for i, line in enumerate(lines) if line.startswith(FIRST_WITH_A_SERVER))
        for step in range(first, len(lines)):
            if lines[step].startswith("="):
                continue
            with self.subTest(step=lines[step]):
                self.hang_up_in(lines[:step], lines[step])
                self.use_it_again(f"next{step}")
        self.end_server()
        self.assert_board_is_clean()

    def hang_up_in(self, before, command):
        replay = self.read("cortex_debug_openocd")
        replay.play(before)
        replay.gdb().begin_typing(command)
        for gdb in replay.gdbs.values():
            gdb.kill()

    def use_it_again(self, name):
        gdb = MiGdb(self.folder, name)
        self.addCleanup(lambda: gdb.is_running() and gdb.kill())
        gdb.type(f"-file-exec-and-symbols {self.path('build/firmware.elf')}")
        gdb.type(f"-target-select extended-remote localhost:{self.port}")
        gdb.type("-target-download")
        self.assert_flash_holds(image.read_hex(image.FLIGHT_HEX))
        gdb.type("-break-insert -t practice_round")
        gdb.type("-exec-continue")
        self.assertEqual(gdb.wait_stop().function, "practice_round")
        gdb.type("-target-detach")
        gdb.quit()
        self.assert_board_is_clean()


if __name__ == "__main__":
    main()
