"""In the place of another server: by its name, with its command line and its monitor commands."""
import os

from process import Process
from scenario import BUILD, Scenario, Server, main


class Compat(Scenario):
    def start_as(self, name, *options):
        """Calls the server by another name, with an IDE's words and our --probe."""
        link = self.path(name)
        os.symlink(os.path.join(BUILD, "stlink-gdb"), link)
        self.start_board(flashed=True)
        self.server = Server.__new__(Server)
        Process.__init__(self.server, self.folder, "server", [
            link, "--probe", f"usbip:127.0.0.1:{self.board.port}/1-1", *options])
        self.addCleanup(self._end, self.server)
        return self.server

    def test_as_st_util(self):
        server = self.start_as("st-util", "-p", "0", "--no-reset", "--semihosting").ready()
        server.wait_for(rf"^Listening at \*:{server.port}\.\.\.$", "out")
        gdb = self.start_gdb()
        for command in ("halt", "reset"):
            self.assertIn("halted", gdb(f"monitor {command}"))
        gdb("monitor jtag_reset")
        self.assertTrue(self.board.is_halted())

    def test_as_st_link_gdbserver(self):
        server = self.start_as("ST-LINK_gdbserver", "-p", "0", "-cp", "/opt/st", "--swd", "--halt",
                               "-m", "0").ready()
        server.wait_for("^Waiting for debugger connection", "out")
        gdb = self.start_gdb()
        for command in ("reset", "reset core", "reset hardware", "halt"):
            self.assertIn("halted", gdb(f"monitor {command}"))

    def test_as_openocd(self):
        self.start_board(flashed=True)
        server = self.start_server("--compat", "openocd")
        server.wait_for(r"^Info : Listening on port \d+ for gdb connections$", "out")
        gdb = self.start_gdb()
        for command in ("reset halt", "reset init", "soft_reset_halt"):
            self.assertIn("halted", gdb(f"monitor {command}"))
        gdb("monitor arm semihosting enable")
        gdb("monitor gdb_sync")
        gdb("monitor reset")
        self.assertFalse(self.board.is_halted())

    def test_an_unknown_name_is_refused(self):
        self.start_server("--compat", "gdbserver", "--virtual", ready=False)
        self.assertEqual(self.server.wait(), 2)


if __name__ == "__main__":
    main()
