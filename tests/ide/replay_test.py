"""What IDEs send, replayed: each starts the server by the name and the command line that the settings in
settings/ give it, waits for the words that it waits for, and sends its commands through gdb.

These are sequences read from the IDEs' sources and logs (replays/, command_lines.py), not the IDEs.
"""
import os
import re
import shlex
import socket

import command_lines as ide
import image
from ide import IdeScenario
from process import Process, wait_until
from replay import HERE, Replay
from scenario import main

# Of the others' boards the flash is blank at first.
HOLD_A_PROGRAM = ["test_west_openocd_debugserver", "test_cortex_debug_attach"]


def free_port():
    """A port for an IDE that chooses one itself before it starts the server."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


class ReplayScenario(IdeScenario):
    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.start_found_board(flashed=self._testMethodName in HOLD_A_PROGRAM)

    def start_as(self, line, ready):
        """The server as its IDE starts it; the IDE goes on when it has read what it waits for."""
        argv = [self.path(f"bin/{line[0]}"), *line[1:], *self.probe()]
        self.server = Process(self.folder, "server", argv)
        self.addCleanup(self._end, self.server)
        if ready:
            wait_until(f"{ready!r} from {line[0]}", lambda: re.search(
                ready, self.server.text("out")) or re.search(ready, self.server.text("err")))

    def replay(self, name, line, ready):
        self.start_as(line, ready)
        self.play(name)
        self.end_server()
        self.assert_board_is_clean()

    def play(self, name, **variables):
        """Everything, to the end of the IDE's gdbs."""
        replay = self.read(name, **variables)
        replay.play()
        replay.end()

    def read(self, name, **variables):
        return Replay(self, name, port=self.port, elf=self.path("build/firmware.elf"),
                      folder=self.folder, **variables)


class Replays(ReplayScenario):
    def cortex_debug(self, server):
        config = ide.launch_json(self.folder, "cortex-debug", server)
        self.assertEqual(config["runToEntryPoint"], "main")
        self.replay(f"cortex_debug_{server}", *ide.cortex_debug(config, self.port))

    def test_cortex_debug_stutil(self):
        self.cortex_debug("stutil")

    def test_cortex_debug_stlink(self):
        self.cortex_debug("stlink")

    def test_cortex_debug_openocd(self):
        self.cortex_debug("openocd")

    def test_cortex_debug_pyocd(self):
        self.cortex_debug("pyocd")

    def test_cortex_debug_external(self):
        config = ide.launch_json(self.folder, "cortex-debug", "external")
        self.assertEqual(config["gdbTarget"], "localhost:3333", "the server's own port")
        self.replay("cortex_debug_external", ["stlink-gdb", "-p", self.port],
                    "Listening on port")

    def test_cortex_debug_attach(self):
        for server in ("stutil", "stlink", "openocd"):
            with self.subTest(server=server):
                config = ide.launch_json(self.folder, "cortex-debug", server)
                config["request"] = "attach"
                self.start_as(*ide.cortex_debug(config, self.port))
                self.play("cortex_debug_attach", attach="-gdb-version" if server == "stlink" else
                          '-interpreter-exec console "monitor halt"')
                self.end_server()
                self.assert_board_is_clean()

    def write_pioinit(self, target):
        with open(os.path.join(HERE, "replays/platformio.gdb"), encoding="utf-8") as file:
            script = file.read().replace("{port}", target)
        with open(self.path("pioinit"), "w", encoding="utf-8") as file:
            file.write(script)

    def test_platformio(self):
        self.write_pioinit(f":{self.port}")
        self.replay("platformio", *ide.platformio(ide.platformio_ini("flight"), self.port))

    def test_platformio_openocd(self):
        words = ide.platformio_pipe(ide.platformio_ini("flight_as_openocd"))
        words = [self.path(f"bin/{words[0]}"), *words[1:], *self.probe()]
        self.write_pioinit("| " + " ".join(
            word if word.startswith("-") else f'"{word}"' for word in words))
        self.play("platformio")
        self.assert_only_the_board_runs()
        self.assert_board_is_clean()

    def test_platformio_upload(self):
        options = ide.platformio_ini("flight")
        words = shlex.split(options["upload_command"].replace(
            "$SOURCE", self.path("build/firmware.elf")))
        self.start_as([*words], None)
        self.assertEqual(self.server.wait(), 0, self.server.text())
        self.assert_flash_holds(image.read_hex(image.FLIGHT_HEX))
        self.assert_board_is_clean()

    def test_west_openocd(self):
        self.replay("west_openocd_debug", *ide.west_openocd("debug", self.port))

    def test_west_openocd_debugserver(self):
        self.replay("west_openocd_debugserver", *ide.west_openocd("debugserver", self.port))

    def test_west_stlink_gdbserver(self):
        self.replay("west_stlink_gdbserver", *ide.west_stlink_gdbserver(self.port))

    def test_west_pyocd(self):
        self.replay("west_pyocd", *ide.west_pyocd(self.port))

    def test_embed_cdt_openocd(self):
        launch = ide.eclipse_launch("eclipse/embed-cdt-openocd.launch")
        self.replay("embed_cdt_openocd", *ide.embed_cdt_openocd(launch, self.port))
        self.assertIn("Started by", self.server.text("err"), "it is not looked for in stdout")

    def test_eclipse_hardware_debugging(self):
        launch = ide.eclipse_launch("eclipse/gdb-hardware-debugging.launch")
        self.assertEqual(launch["portNumber"], "3333", "the server's own port")
        self.replay("eclipse_hardware_debugging", ["stlink-gdb", "-p", self.port], None)

    def test_clion_openocd(self):
        run = ide.clion_run("clion/openocd.run.xml")
        self.replay("clion_openocd", *ide.clion_openocd(
            run, self.port, self.path("build/firmware.elf")))

    def test_clion_gdb_server(self):
        run = ide.clion_run("clion/stlink-gdb.run.xml")
        self.assertEqual(run["reset-cmd"], "monitor reset halt")
        self.replay("clion_gdb_server", *ide.clion_gdb_server(run, self.port))

    def test_cubeide_stlink(self):
        self.replay("cubeide", *ide.cubeide(self.port))

    def test_cubeide_hardware_debugging(self):
        launch = ide.eclipse_launch("cubeide/gdb-hardware-debugging.launch")
        self.assertEqual(launch["portNumber"], "61234", "the default of ST-LINK_gdbserver")
        self.replay("eclipse_hardware_debugging", ["ST-LINK_gdbserver", "-p", self.port], None)


if __name__ == "__main__":
    main()
