"""The cable of the probe and the power of the board: gone and back again at any moment.

The loss is told at once and once, nothing that was remembered is told as true, and what comes back
is used again without a restart.
"""
import os
import random
import threading
import time

import image
from board import C_DEBUGEN, DHCSR
from process import Process, wait_until
from scenario import Scenario, flight_symbol, main

UNPLUGGED = "the probe was unplugged: it is used again when it is back"
LOST = "the link to the target was lost"
NO_REGISTERS = "Could not read registers"
STOPPED = f"{NO_REGISTERS}|SIGLOST, Resource lost"  # or a step could not begin
ROUNDS = int(os.environ.get("E2E_UNPLUG_ROUNDS", "6"))  # of the seeded test; 500 by hand


class Unplug(Scenario):
    def take_away(self, way):
        self.board.ask("usb unplug" if way == "usb" else "power off")

    def bring_back(self, way):
        self.board.ask("usb plug" if way == "usb" else "power on")

    def backs(self):
        return self.server.text().count("the target is back")

    def wait_back(self, before):
        wait_until("the target to be back", lambda: self.backs() > before)

    def errors(self):
        return [line for line in self.server.text().splitlines() if line.startswith("error: ")]

    def assert_nothing_is_told(self, gdb):
        """No register and no memory can be had; and certainly no old ones."""
        for command in ("maintenance flush register-cache", "maintenance flush dcache",
                        "info registers pc", f"x/x {flight_symbol('ticks'):#x}", "stepi"):
            self.assertIn(NO_REGISTERS, gdb.refuses(command))

    def assert_exact(self, gdb):
        """What gdb shows is what the board has: the next stop."""
        gdb("delete")
        gdb("tbreak pid_update")
        stop = gdb.go("continue")
        self.assertEqual(stop.function, "pid_update", stop)
        self.assertTrue(self.board.is_halted())
        self.assertEqual(gdb.number("(unsigned)$pc"), self.board.core_register(15))
        self.assertEqual(gdb.number("(unsigned)$r0"), self.board.core_register(0))
        self.assertEqual(gdb.number("ticks"), self.board.read_word(flight_symbol("ticks")))

    def lose_while_running(self, way):
        gdb = self.start_all()
        self.resume(gdb)
        self.take_away(way)
        stop = gdb.wait_stop()
        self.assertEqual((stop.reason, stop.signal), ("signal-received", "SIGLOST"))
        self.assertIn(UNPLUGGED if way == "usb" else LOST, stop.text)
        self.assert_nothing_is_told(gdb)
        self.assertEqual(len(self.errors()), 1, self.errors())
        self.bring_back(way)
        self.wait_back(0)
        self.assertFalse(self.board.is_halted(), "it was halted by coming back")
        self.assert_exact(gdb)

    def test_gdb_without_a_machine_interface_gets_its_prompt_back(self):
        self.start_board(flashed=True)
        self.start_server()
        script = self.path("script.gdb")
        with open(script, "w", encoding="ascii") as file:
            file.write(f"target extended-remote 127.0.0.1:{self.server.port}\ncontinue\n"
                       "echo prompt\\n\ninfo registers r0\n")
        gdb = Process(self.folder, "cli", ["gdb-multiarch", "-nx", "-q", "-batch", "-x", script])
        self.addCleanup(gdb.stop)
        self.server.wait_for("client 1 connected")
        wait_until("the core to run", lambda: self.board.register(DHCSR) & C_DEBUGEN and
                   not self.board.is_halted())
        self.take_away("usb")
        gdb.wait()
        self.assertRegex(gdb.text("out"), "(?s)SIGLOST, Resource lost.*prompt")
        self.assertIn(UNPLUGGED, gdb.text("err"))
        self.assertEqual(gdb.text("err").count(NO_REGISTERS), 1, "it asks again and again")

    def test_unplugged_while_the_core_runs(self):
        self.lose_while_running("usb")

    def test_power_lost_while_the_core_runs(self):
        self.lose_while_running("power")

    def lose_while_halted(self, way):
        gdb = self.start_all()
        self.assert_exact(gdb)
        self.take_away(way)
        self.server.wait_for(UNPLUGGED if way == "usb" else LOST)
        self.assert_nothing_is_told(gdb)
        self.bring_back(way)
        self.wait_back(0)
        self.assert_exact(gdb)
        self.assertEqual(len(self.errors()), 1, self.errors())

    def test_unplugged_while_the_core_is_halted(self):
        self.lose_while_halted("usb")

    def test_power_lost_while_the_core_is_halted(self):
        self.lose_while_halted("power")

    def test_a_lost_probe_costs_no_processor_time(self):
        self.start_all()
        self.take_away("usb")
        self.server.wait_for(UNPLUGGED)

        def used():
            with open(f"/proc/{self.server.pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(") ", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        before, start = used(), time.monotonic()
        wait_until("three seconds", lambda: time.monotonic() - start > 3)
        # under 1 % on an idle machine; a sanitizer build on a busy one is given more
        self.assertLess(used() - before, 0.3)
        self.assertEqual(len(self.errors()), 1, self.errors())

    def test_breakpoints_of_a_raw_client_are_armed_again(self):
        """gdb takes its breakpoints away at each stop; others leave theirs."""
        self.start_board(flashed=True)
        self.start_server()
        client = self.client()
        client.ask("?")
        address = flight_symbol("pid_update") & ~1
        self.assertEqual(client.ask(f"Z1,{address:x},2"), "OK")
        client.send(b"$vCont;c#a8")
        self.assertRegex(client.packet(), "^T05")
        self.take_away("usb")
        self.server.wait_for(UNPLUGGED)
        self.assertRegex(client.ask("g"), "^E")
        self.bring_back("usb")
        self.wait_back(0)
        self.assertIn("1 breakpoints set again", self.server.text())
        text, reply = client.ask_all("vCont;c")
        self.assertIn("1 breakpoints set again", text)
        self.assertRegex(reply, f"^T05.*0?f:{address.to_bytes(4, 'little').hex()}")

    def test_unplugged_with_nobody_connected(self):
        self.start_board(flashed=True)
        self.start_server()
        self.take_away("usb")
        self.server.wait_for(UNPLUGGED)
        self.bring_back("usb")
        self.server.wait_for("nobody debugs it: it was left alone")
        self.assertFalse(self.board.is_halted())
        self.assert_exact(self.start_gdb())

    def test_what_was_halted_is_let_run_when_its_client_has_left(self):
        gdb = self.start_all()
        self.assert_exact(gdb)
        self.take_away("usb")
        self.server.wait_for(UNPLUGGED)
        gdb.kill()
        self.server.wait_for("client 1 is gone")
        self.assertTrue(self.board.is_halted())
        self.bring_back("usb")
        wait_until("the core to run", lambda: not self.board.is_halted())

    def begin_losing(self, gdb, way, activity, delay_s):
        """Something is going on, and the way to the target is cut in the midst of it."""
        token = gdb.begin({"load": f"load {self.path('other.hex')}", "step": "stepi 100000",
                           "run": "continue"}[activity])
        cutter = threading.Timer(delay_s, self.take_away, [way])
        cutter.start()
        cutter.join()
        gdb.settle(token, STOPPED)

    def one_round(self, gdb, dice):
        way, activity = dice.choice(["usb", "power"]), dice.choice(["load", "step", "run"])
        delay_s, backs, errors = dice.uniform(0, 0.5), self.backs(), len(self.errors())
        what = f"{way}, {activity}, {delay_s:.3f} s"
        self.begin_losing(gdb, way, activity, delay_s)
        wait_until(f"the loss to be told: {what}", lambda: len(self.errors()) > errors)
        gdb.refuses("maintenance flush register-cache")
        gdb.refuses("info registers pc")
        self.bring_back(way)
        self.wait_back(backs)
        gdb(f"load {image.FLIGHT_HEX}")
        self.assert_flash_holds(image.read_hex(image.FLIGHT_HEX))
        self.assert_exact(gdb)

    def test_losses_at_random_moments(self):
        gdb = self.start_all("--log", self.path("server.log"))
        image.write_hex(self.path("other.hex"), [(0x08000000, image.pattern(0xC000, 3))])
        for round_number in range(ROUNDS):
            with self.subTest(round=round_number):
                self.one_round(gdb, random.Random(round_number))


if __name__ == "__main__":
    main()
