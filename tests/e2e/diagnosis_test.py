"""Diagnosis: what a person in front of the real gdb sees when the board is in trouble, with the real
server and the real board as processes of their own."""
import json
import os
import subprocess

import image
from process import wait_until
from scenario import BUILD, Scenario, main
from schema import event_schema, problem


class Diagnosis(Scenario):
    def test_the_supply_breaks_down_under_a_load(self):
        """The thread: sectors 0 to 4 are to be erased, and the battery is flat."""
        gdb = self.start_all()
        self.board.fault("vdd-droop erase:1 +120ms 1400")
        other = image.write_hex(self.path("other.hex"), [(0x08000000, image.pattern(78403))])
        books = self.board.books()
        gdb(f"load {other}")
        self.server.wait_for("error: FD02: the supply broke down while sector 1 was erased")
        self.server.wait_for(r"error:   evidence: RCC_CSR 0E000000 \(BORRSTF PINRSTF PORRSTF\); "
                             r"DBGMCU_CR 00000000; VTref 3\.\d\d V before, 1\.40 V at least")
        self.server.wait_for("error:   remedy: charge the battery")
        self.server.wait_for("warning: loading again, once, at x16 instead of x32")
        self.assertEqual(self.board.flash()[:78403], image.pattern(78403))
        self.assertGreater(self.books_since(books)["erases"]["x16"], 0)
        self.assertIn("FD02", gdb("monitor voltage"))  # the next chance to show it
        self.assertIn("now: nothing is wrong", gdb("monitor diagnose"))

    def test_write_protection_is_named_and_taken_away(self):
        gdb = self.start_all()
        other = image.write_hex(self.path("other.hex"), [(0x08000000, image.pattern(0x5000))])
        gdb("monitor option write wrp 0-1")
        gdb("monitor reset halt")
        before = self.board.flash()
        gdb.refuses(f"load {other}")
        self.server.wait_for("error: FD14: sectors 0-1 are write-protected; nothing was erased")
        self.assertEqual(self.board.flash(), before)
        told = gdb("monitor diagnose")
        self.assertIn("last failure: FD14", told)
        self.assertIn("monitor option write wrp none", told)
        self.assertRegex(gdb("monitor option"), r"wrp +0-1 ")
        gdb("monitor option write wrp none")
        gdb(f"load {other}")
        self.assertEqual(self.board.flash()[:0x5000], image.pattern(0x5000))

    def start_clone(self, switch, *options):
        self.start_board(flashed=True)
        self.board.fault(switch)
        self.start_server(*options)
        return self.start_gdb()

    def expect_refused_and_debugged(self, gdb, cause):
        """Nothing of the flash is erased, and the old program can be debugged."""
        before, books = self.board.flash(), self.board.books()
        self.assertIn("vFlashErase", gdb.refuses(f"load {self.other_image()}"))
        self.server.wait_for(f"error: FD33: {cause}")
        self.server.wait_for("error:   remedy: .*--chip=NAME says which chip it is like")
        self.assertIn(f"last failure: FD33: {cause}", gdb("monitor diagnose"))
        self.assertEqual(self.board.flash(), before)
        self.assertEqual(sum(self.books_since(books)["erases"].values()), 0)
        gdb("tbreak practice_round")
        self.assertEqual(gdb.go("continue").function, "practice_round")

    def other_image(self):
        return image.write_hex(self.path("other.hex"), [(0x08000000, image.pattern(0x5000))])

    def test_a_clone_is_debugged_and_not_flashed(self):
        gdb = self.start_clone("clone-jep")
        self.server.wait_for("warning: it answers like an STM32F401xB/C, but is not made by ST")
        self.expect_refused_and_debugged(gdb, "this is no genuine STM32F4")
        self.assertIn("FD33", gdb.refuses("monitor option write bor 2"))

    def test_an_unknown_chip_is_debugged_and_not_flashed(self):
        gdb = self.start_clone("bad-id 0x10006999")
        self.expect_refused_and_debugged(gdb, "no chip that is known here")

    def expect_flashed(self, switch):
        gdb = self.start_clone(switch, "--chip=STM32F401xB/C")
        self.server.wait_for("warning: .*it is taken for an STM32F401xB/C, as --chip says")
        gdb(f"load {self.other_image()}")
        self.assertEqual(self.board.flash()[:0x5000], image.pattern(0x5000))

    def test_a_clone_that_is_named_is_flashed(self):
        self.expect_flashed("clone-jep")

    def test_an_unknown_chip_that_is_named_is_flashed(self):
        self.expect_flashed("bad-id 0x10006999")

    def test_a_clone_is_not_flashed_without_gdb_either(self):
        self.start_board(flashed=True)
        self.board.fault("clone-jep")
        before = self.board.flash()
        for options, code in (((), 5), (("--chip", "stm32f401xb/c"), 0)):
            done = subprocess.run(
                [os.path.join(BUILD, "stlink-gdb"), "flash", self.other_image(), "--probe",
                 f"usbip:127.0.0.1:{self.board.port}/1-1", *options],
                capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(self.board.flash() == before, code != 0)
            self.assertIn("FD33", done.stderr)

    def test_the_names_of_chips(self):
        def run(*words):
            return subprocess.run([os.path.join(BUILD, "stlink-gdb"), *words], timeout=60,
                                  capture_output=True, text=True, check=False)
        names = run("--list-chips").stdout.splitlines()
        self.assertEqual(len(names), 10)
        self.assertIn("STM32F401xB/C", names)
        for typed, meant in (("STM32F401CC", "STM32F401xB/C"), ("stm32f401re", "STM32F401xD/E"),
                             ("STM32F446x", "STM32F446")):
            wrong = run("--virtual", "--chip", typed)
            self.assertEqual(wrong.returncode, 2)
            self.assertIn(f'no chip is called "{typed}"; did you mean {meant}?', wrong.stderr)
        self.assertIn("--list-chips lists all", run("--chip=GD32").stderr)

    # ---- for scripts ----

    def start_telling(self, *options):
        """Everything, with events; gdb, connected."""
        self.start_board(flashed=True)
        server = self.start_server("--json", *options, ready=False)
        server.port = server.wait_for(r'^\{"event":"ready","port":(\d+),', "out").group(1)
        return self.start_gdb()

    def wait_event(self, name, **wanted):
        """The first event of that name and with these values."""
        def find():
            for line in self.server.text("out").splitlines():
                event = json.loads(line)
                if event["event"] == name and all(event.get(k) == v for k, v in wanted.items()):
                    found.append(event)
                    return True
            return False
        found = []
        wait_until(f"{name} {wanted}", find)
        return found[0]

    def test_every_kind_of_event(self):
        schema = event_schema()
        gdb = self.start_telling()
        self.board.fault("wrp 1")
        gdb("monitor reset")
        gdb.refuses(f"load {self.other_image()}")
        cause = self.wait_event("diagnosis", code="FD14")
        self.assertEqual(cause["severity"], "error")
        self.assertEqual(cause["cause"], "sector 1 is write-protected; nothing was erased")
        self.assertEqual(cause["evidence"],
                         {"FLASH_OPTCR": f"0x{self.board.register(0x40023C14):08x}"})
        self.assertIn("monitor option write wrp none", cause["remedy"])
        self.board.fault("wrp none")
        gdb("monitor reset")
        gdb(f"load {image.FLIGHT_HEX}")
        gdb("set $pc = 0x30000000")
        gdb.go("continue")
        self.wait_event("fault", kind="vector-catch")
        gdb("monitor reset")
        self.resume(gdb)
        self.board.ask("power off")
        gdb.wait_text("SIGLOST")
        self.wait_event("target-lost")
        cause = self.wait_event("diagnosis", code="FD01")
        self.assertEqual(cause["evidence"]["vdd_mv"], 1)
        self.board.ask("power on")
        self.wait_event("target-back")
        self.board.ask("usb unplug")
        self.wait_event("probe-lost")
        self.wait_event("diagnosis", code="FD35")
        gdb.kill()
        self.wait_event("client", state="gone")
        self.end_server()
        events = [json.loads(line) for line in self.server.text("out").splitlines()]
        for event in events:
            self.assertIsNone(problem(event, schema))
        self.assertEqual({event["event"] for event in events},
                         {"ready", "client", "flash", "halt", "fault", "target-lost",
                          "target-back", "probe-lost", "diagnosis", "exit"})
        wrong = dict(cause, evidence={"vdd_mv": "1"})
        self.assertIsNotNone(problem(wrong, schema))
        wrong = dict(cause, evidence={"FLASH_SR": "1"})
        self.assertIsNotNone(problem(wrong, schema))

    def test_flash_tells_scripts_the_cause_too(self):
        self.start_board(flashed=True)
        self.board.fault("bsy-stuck on")
        done = subprocess.run(
            [os.path.join(BUILD, "stlink-gdb"), "flash", self.other_image(), "--json", "--probe",
             f"usbip:127.0.0.1:{self.board.port}/1-1"],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 6)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        for event in events:
            self.assertIsNone(problem(event, event_schema()))
        cause = next(event for event in events if event["event"] == "diagnosis")
        self.assertEqual(cause["code"], "FD21")
        self.assertEqual(cause["evidence"]["FLASH_SR"], "0x00010000")
        self.assertEqual(cause["evidence"]["limit_ms"], 950)
        self.assertGreaterEqual(cause["evidence"]["took_ms"], 950)
        self.assertEqual(cause["evidence"]["reset"], "no reset")
        self.assertIn("sectors 0 undefined", cause["flash"])

    # ---- while the firmware runs ----

    def lose_while_running(self, line, code):
        gdb = self.start_all()
        self.resume(gdb)
        self.board.ask(line)
        told = gdb.wait_text("remedy:")
        self.assertRegex(told, rf"the link to the target was lost: [^\n]*\n{code}: ")
        self.server.wait_for(rf"^{code}: .*\n  evidence: .*\n  remedy: ")
        gdb.wait_text("SIGLOST")
        self.assertIn(f"last failure: {code}", gdb("monitor diagnose"))

    def test_lost_power_while_running_is_named(self):
        self.lose_while_running("power off", "FD01")

    def test_a_wire_that_comes_off_while_running_is_named(self):
        self.lose_while_running("fault swd-silent", "FD04")

    def test_a_step_in_a_held_reset_names_it(self):
        gdb = self.start_all()
        gdb("tbreak pid_update")
        gdb.go("continue")
        self.board.ask("nrst low")
        gdb.resume("stepi")
        told = gdb.wait_text("Could not read registers")
        self.assertRegex(told, r"cannot step: [^\n]*: it is held in reset; let go of the reset "
                               r"button\nFD06: the target is held in reset: NRST is low\n")
        self.board.ask("nrst wired")
        gdb.kill()

    def test_a_watchdog_while_running_is_named(self):
        gdb = self.start_all()
        self.resume(gdb)
        self.board.fault("iwdg sw 5ms")
        told = gdb.wait_stop().text
        self.assertIn("the core was reset, and not by the debugger", told)
        self.assertRegex(told, r"FD17: the firmware's watchdog reset the chip while the firmware "
                               r"ran\n  evidence: RCC_CSR [0-9A-F]{8} \([A-Z ]*IWDGRSTF")
        self.server.wait_for("warning: FD17: the firmware's watchdog reset the chip")

    def test_level_2_is_refused(self):
        gdb = self.start_all()
        self.assertIn("can never be undone", gdb.refuses("monitor option write rdp 2"))
        self.assertRegex(gdb("monitor option"), r"rdp +0 \(AA\)")

    def test_diagnose_at_any_time_changes_nothing(self):
        gdb = self.start_all()
        self.resume(gdb)
        gdb.interrupt()
        registers = gdb("info registers pc sp lr")
        books = self.board.books()
        self.assertIn("now: nothing is wrong", gdb("monitor diagnose"))
        self.assertEqual(gdb("info registers pc sp lr"), registers)
        self.assertEqual(self.books_since(books)["resets"], 0)

    def test_the_catalogue_of_causes(self):
        table = subprocess.run([os.path.join(BUILD, "stlink-gdb"), "--list-causes"], check=True,
                               capture_output=True, text=True, timeout=60).stdout
        for number in range(1, 38):
            self.assertIn(f"| FD{number:02} | ", table)
        self.assertNotIn("{", table)


if __name__ == "__main__":
    main()
