"""Trouble: what fails is told to gdb and in the log with the fact and a next step, and the server
keeps serving."""
import signal
import socket
import threading

import image
from board import FLASH
from process import wait_until
from scenario import Scenario, main

TWO_SECTORS = 0x5000


def cut_off(port, size):
    """Listens for one client of the board at `port`, who gets `size` bytes of it and no more."""
    listener = socket.create_server(("127.0.0.1", 0))

    def forward(source, drain):
        try:
            while data := source.recv(65536):
                drain.sendall(data)
        except OSError:
            pass  # the other way was cut

    def serve():
        near, far = listener.accept()[0], socket.create_connection(("127.0.0.1", int(port)))
        threading.Thread(target=forward, args=(near, far), daemon=True).start()
        left = size
        while left and (data := far.recv(left)):
            near.sendall(data)
            left -= len(data)
        for end in (near, far):
            end.shutdown(socket.SHUT_RDWR)
            end.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener


class Trouble(Scenario):
    def refused_start(self, code, *options):
        """The log of a server that must not come up."""
        server = self.start_server(*options, ready=False)
        self.assertEqual(server.wait(), code, server.text())
        self.assertNotIn("Listening", server.text("out"))
        return server.text()

    def other_image(self):
        """A HEX that needs an erase of two sectors where flight.hex is."""
        return image.write_hex(self.path("other.hex"), [(FLASH, image.pattern(TWO_SECTORS))])

    # ---- before anything runs ----

    def test_a_port_in_use(self):
        self.start_board("--boards", "2")
        holder, port = self.start_server(), self.server.port
        self.assertRegex(self.refused_start(4, "-p", port),
                         rf"error: port {port} is in use by pid {holder.pid} \(stlink-gdb\)")
        self.server = holder
        self.start_gdb()

    def test_no_such_probe(self):
        text = self.refused_start(3, "--serial", "NO-SUCH-SERIAL")
        self.assertIn("error: ", text)
        self.assertIn("--virtual", text)

    def test_no_such_bus_id(self):
        self.start_board()
        text = self.refused_start(3, "--probe", f"usbip:127.0.0.1:{self.board.port}/9-9")
        self.assertIn("usbip list", text)

    def test_a_link_that_breaks_while_the_probe_is_opened(self):
        self.start_board()
        for size in range(340, 760, 70):
            listener = cut_off(self.board.port, size)
            port = listener.getsockname()[1]
            text = self.refused_start(3, "--probe", f"usbip:127.0.0.1:{port}/1-1")
            self.assertRegex(text, "error: .*plug", f"after {size} bytes")
            listener.close()

    def test_a_full_disk_is_no_end(self):
        self.start_board()
        self.start_server("--log", "/dev/full")
        self.start_gdb()("info registers pc")
        self.assertEqual(self.server.text().count("warning: the log file has gaps: No space"), 1)

    def test_wrong_options(self):
        for options in (("--nonsense",), ("-p", "65536"), ("--probe", "usb"), ("--vdd", "12"),
                        ("--connect", "hard"), ("word",)):
            self.assertRegex(self.refused_start(2, *options), f"error: .*{options[-1]}")

    # ---- the target ----

    def test_a_board_without_power_comes_later(self):
        self.start_board(flashed=True)
        self.board.ask("power off")
        self.start_server()
        self.server.wait_for(r"error: FD01: the target has no power \(VTref 0\.00 V\)")
        self.start_gdb(connect=False).quit()
        self.board.ask("power on")
        gdb = self.start_gdb()
        gdb("tbreak main")
        self.assertEqual(gdb.go("run").function, "main")

    def test_an_unknown_chip_is_debugged_and_its_flash_left_alone(self):
        self.start_board(flashed=True)
        self.board.fault("bad-id 0x10006999")
        self.start_server()
        self.server.wait_for("warning: .*10006999: .* its flash will not be touched")
        before = self.board.flash()
        gdb = self.start_gdb()
        gdb.refuses(f"load {self.other_image()}")
        self.assertEqual(self.board.flash(), before)
        gdb("tbreak practice_round")
        self.assertEqual(gdb.go("continue").function, "practice_round")

    def test_the_probe_is_pulled_out_and_put_back(self):
        gdb = self.start_all()
        self.board.ask("usb unplug")
        self.assertIn("Cannot access memory", gdb.refuses("x/wx 0x20000000"))
        self.server.wait_for("error: the probe was unplugged: it is used again when it is back")
        self.assertEqual(gdb.number("1 + 1"), 2)
        gdb.quit()
        self.board.ask("usb plug")
        client = self.client()
        wait_until("memory", lambda: not client.ask("m20000000,4").startswith("E"))
        client.close()
        gdb = self.start_gdb()
        gdb("tbreak main")
        self.assertEqual(gdb.go("run").function, "main")

    # ---- the flash ----

    def test_an_erase_that_does_not_end(self):
        gdb = self.start_all()
        self.board.fault("bsy-stuck on")
        self.assertIn("Error finishing flash operation", gdb.refuses(f"load {self.other_image()}"))
        self.server.wait_for("error: FD21: the flash controller stays busy while sector 0 was "
                             "erased")
        self.server.wait_for(r"error:   evidence: FLASH_SR 00010000 \(BSY\); 0\.\d+ s passed, "
                             r"limit 0\.95 s")
        self.server.wait_for("error:   remedy: reset the board and load again")
        self.server.wait_for("error:   flash: sectors 0 undefined .*, 1 old")
        self.server.wait_for("warning: loading again, once, at x16 instead of x32")
        told = gdb("monitor diagnose")
        self.assertIn("last failure: FD21: the flash controller stays busy", told)
        self.assertIn("limit 1.10 s", told)
        self.board.fault("bsy-stuck off")
        gdb("monitor reset")
        gdb(f"load {self.other_image()}")
        self.assertEqual(self.board.flash()[:TWO_SECTORS], image.pattern(TWO_SECTORS))

    def test_half_a_program_is_not_started(self):
        gdb = self.start_all()
        self.board.fault("bsy-stuck on")
        gdb.refuses(f"load {self.other_image()}")
        gdb.kill()
        self.server.wait_for("the flash holds an incomplete load: the core stays halted")
        self.end_server()
        self.assertTrue(self.board.is_halted())

    def test_sigterm_does_not_wait_for_an_erase(self):
        gdb = self.start_all()
        self.board.fault("bsy-stuck on")
        gdb.begin(f"load {self.other_image()}")
        self.server.wait_for("erasing 2 sectors")
        self.server.signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(), 0)
        self.assertNotIn("still being erased", self.server.text())
        self.server.wait_for("the flash holds an incomplete load: the core stays halted")
        self.assertTrue(self.board.is_halted())
        gdb.kill()

    def test_protected_sectors_are_found_before_anything_is_erased(self):
        gdb = self.start_all()
        self.board.fault("wrp 1")
        gdb("monitor reset")
        before, books = self.board.flash(), self.board.books()
        gdb.refuses(f"load {self.other_image()}")
        self.server.wait_for("error: .*sector 1 is write-protected")
        self.assertEqual(self.board.flash(), before)
        self.assertEqual(sum(self.books_since(books)["erases"].values()), 0)

    def expect_width(self, millivolts, warning, erases):
        """A load on a board whose probe does not tell the voltage."""
        self.start_board("--vdd", str(millivolts), flashed=True)
        self.board.fault("voltage-zero")
        self.start_server()
        gdb, before = self.start_gdb(), self.board.books()
        gdb(f"load {self.other_image()}")
        self.server.wait_for(warning)
        self.assertEqual(self.books_since(before)["erases"], erases)

    def test_an_unknown_voltage_means_x8_and_says_so(self):
        self.expect_width(1900, r"warning: .*voltage.* width x8; --vdd 3\.3 says it",
                          {"x8": 2, "x16": 0, "x32": 0})

    def test_the_chip_tells_a_voltage_that_the_probe_does_not(self):
        self.expect_width(3300, r"warning: .*more than 2\.85 V.* at x32; --vdd 3\.3 says it",
                          {"x8": 0, "x16": 0, "x32": 2})

    def test_vdd_says_the_voltage(self):
        self.start_board(flashed=True)
        self.board.fault("voltage-zero")
        self.start_server("--vdd", "3.3")
        gdb, before = self.start_gdb(), self.board.books()
        gdb(f"load {self.other_image()}")
        self.assertEqual(self.books_since(before)["erases"], {"x8": 0, "x16": 0, "x32": 2})

    def test_a_low_voltage_means_a_narrow_erase(self):
        self.start_board("--vdd", "2200", flashed=True)
        self.start_server()
        gdb, before = self.start_gdb(), self.board.books()
        gdb(f"load {self.other_image()}")
        self.assertEqual(self.books_since(before)["erases"], {"x8": 0, "x16": 2, "x32": 0})


if __name__ == "__main__":
    main()
