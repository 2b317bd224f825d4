"""The outside of the server: its doors besides TCP, strangers at them, and what it tells scripts."""
import json
import os
import re
import socket
import stat
import subprocess

import image
from packets import Client, frame
from process import Process, environment, wait_until
from scenario import BUILD, Scenario, main
from schema import event_schema, problem

SERVER = os.path.join(BUILD, "stlink-gdb")


class LocalClient(Client):
    """The same manners at another socket."""

    def __init__(self, connected):
        self._socket = connected
        self._buffer = b""


class Outside(Scenario):
    def probe(self):
        return ["--probe", f"usbip:127.0.0.1:{self.board.port}/1-1"]

    def connect_local(self, path):
        connected = socket.socket(socket.AF_UNIX)
        connected.settimeout(60)
        connected.connect(path)
        self.addCleanup(connected.close)
        return LocalClient(connected)

    # ---- doors ----

    def test_gdb_starts_the_server_at_a_pipe(self):
        self.start_board(flashed=True)
        gdb = self.start_gdb_alone()
        gdb(f"target extended-remote | {SERVER} --pipe --log {self.path('pipe.log')} "
            + " ".join(self.probe()))
        gdb("tbreak pid_update")
        self.assertEqual(gdb.go("continue").function, "pid_update")
        gdb.quit()
        wait_until("the core to run", lambda: not self.board.is_halted())

    def start_gdb_alone(self):
        return self.start_gdb(connect=False)

    def test_two_pipes_do_as_well(self):
        """As ssh gives them: stdin and stdout are not the same socket."""
        self.start_board()
        server = subprocess.Popen([SERVER, "--pipe", *self.probe()], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env=environment())
        self.addCleanup(server.kill)
        server.stdin.write(frame("qC"))
        server.stdin.flush()
        self.assertEqual(server.stdout.read(8), b"+$QC1#c5")
        server.stdin.close()
        self.assertEqual(server.stdout.read(), b"")
        self.assertEqual(server.wait(60), 0)
        server.stdout.close()

    def test_a_pipe_that_says_nothing_ends_it(self):
        self.start_board()
        server = subprocess.run([SERVER, "--pipe", *self.probe()], stdin=subprocess.DEVNULL,
                                capture_output=True, env=environment(), timeout=60, check=False)
        self.assertEqual((server.returncode, server.stdout), (0, b""), server.stderr)

    def test_a_local_socket(self):
        self.start_board()
        path = self.path("socket")
        server = self.start_server("--listen", f"unix:{path}", ready=False)
        server.wait_for(f"Listening on unix:{path}", "out")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o700)
        self.assertEqual(self.connect_local(path).ask("qC"), "QC1")
        self.end_server()
        self.assertFalse(os.path.exists(path))

    def test_a_local_socket_that_was_left_behind(self):
        self.start_board()
        path = self.path("socket")
        left = socket.socket(socket.AF_UNIX)
        left.bind(path)
        left.close()
        server = self.start_server("--listen", f"unix:{path}", ready=False)
        server.wait_for("Listening on unix:", "out")
        second = Process(self.folder, "second", [SERVER, "--listen", f"unix:{path}",
                                                 *self.probe()])
        self.assertEqual(second.wait(), 4, second.text())
        self.assertEqual(self.connect_local(path).ask("qC"), "QC1")

    def test_sockets_of_systemd(self):
        self.start_board()
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        script = ("import os,sys; os.dup2(int(sys.argv[1]), 3); "
                  "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); "
                  "os.execv(sys.argv[2], sys.argv[2:])")
        server = subprocess.Popen(
            ["python3", "-c", script, str(listener.fileno()), SERVER, "--once", *self.probe()],
            env=environment(), pass_fds=[listener.fileno()], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.addCleanup(server.kill)
        port = listener.getsockname()[1]
        listener.close()
        self.assertEqual(server.stdout.readline(), b"Listening on systemd's socket\n")
        client = self.client(port)
        self.assertEqual(client.ask("qC"), "QC1")
        client.close()
        self.assertEqual(server.wait(60), 0)
        server.stdout.close()

    # ---- strangers ----

    def test_strangers_are_sent_away(self):
        self.start_board()
        self.start_server()
        hello = {"HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 "TLS": bytes.fromhex("16030100c8010000c40303")}
        for name, first in hello.items():
            stranger = self.client()
            stranger.send(first)
            self.assertEqual(stranger.byte(), b"")
            self.server.wait_for(f"it speaks {name}, this port serves gdb")
        self.assertFalse(self.board.is_halted())
        self.assertEqual(self.client().ask("qC"), "QC1")

    def test_other_machines_only_when_told_to(self):
        self.start_board()
        self.start_server()
        with open("/proc/net/tcp", encoding="ascii") as file:
            port = f":{int(self.server.port):04X} "
            addresses = [line.split()[1] for line in file if port in line and " 0A " in line]
        self.assertEqual(addresses, ["0100007F" + port.strip()])
        self.end_server()
        self.start_server("--listen", "0.0.0.0")
        self.server.wait_for("warning: whoever reaches port .* of 0.0.0.0 controls the board")

    # ---- scripts ----

    def test_events_are_what_the_schema_says(self):
        schema = event_schema()
        self.start_board()
        server = self.start_server("--json", ready=False)
        port = server.wait_for(r'^\{"event":"ready","port":(\d+),', "out").group(1)
        server.port = port
        gdb = self.start_gdb()
        gdb(f"load {image.FLIGHT_HEX}")
        gdb("tbreak pid_update")
        gdb.go("continue")
        self.resume(gdb)
        self.board.ask("usb unplug")
        gdb.wait_text("SIGLOST")
        self.board.ask("usb plug")
        server.wait_for('"event":"target-back"', "out")
        gdb.kill()
        server.wait_for('"state":"gone"', "out")
        self.end_server()
        events = [json.loads(line) for line in server.text("out").splitlines()]
        for event in events:
            self.assertIsNone(problem(event, schema))
        self.assertEqual({event["event"] for event in events},
                         {"ready", "client", "flash", "halt", "probe-lost", "target-back", "diagnosis",
                          "exit"})
        self.assertIsNotNone(problem({"event": "exit", "code": "0"}, schema))
        self.assertIsNotNone(problem({"event": "exit", "code": 0, "x": 1}, schema))
        self.assertIsNotNone(problem({"event": "party"}, schema))

    def test_a_bug_report_holds_both_protocols(self):
        self.start_board()
        self.start_server("--speed", "1800")
        client = self.client()
        client.ask("m20000000,4")
        text, reply = client.monitor("bugreport")
        self.assertEqual(reply, "OK")
        path = re.search(r"the report is in (\S+)", text).group(1)
        self.addCleanup(os.remove, path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="ascii") as file:
            report = file.read()
        for wanted in ("^stlink-gdb \\d", "^command: .*--speed 1800", "^probe: ST-LINK/V2-1 V2J",
                       "^target: STM32F401", r"^-\d+\.\d{6} < m20000000,4$",
                       r"^-\d+\.\d{6} > [0-9a-f]{8}$",
                       # WRITEMEM and READMEM begin with F2; a reply came in without an error
                       r"^-\d+\.\d{6} u f2[0-9a-f]{30}0100"):
            self.assertRegex(report, re.compile(wanted, re.M))

    def test_udev_rules_name_every_product(self):
        rules = subprocess.run([SERVER, "--print-udev"], capture_output=True, text=True,
                               env=environment(), check=True).stdout
        lines = [line for line in rules.splitlines() if not line.startswith("#")]
        for product in ("3744", "3748", "374a", "374b", "3752", "374d", "374e", "374f", "3753",
                        "3754", "3755", "3757"):
            line = [each for each in lines if f'ATTR{{idProduct}}=="{product}"' in each]
            self.assertEqual(len(line), 1, product)
            self.assertRegex(line[0], '^SUBSYSTEM=="usb", ATTR{idVendor}=="0483", '
                                      '.*, TAG\\+="uaccess"')


if __name__ == "__main__":
    main()
