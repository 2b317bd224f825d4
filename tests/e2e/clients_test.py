"""Several gdbs on one board: the first controls, the others observe; each may come and go."""
import os

import image
from board import FP_COMPS
from packets import frame
from process import wait_until
from scenario import Scenario, flight_symbol, main

SCRATCH = 0x2000F000


class Clients(Scenario):
    def start_two(self):
        controller = self.start_all()
        return controller, self.start_gdb()

    def test_the_second_gdb_observes(self):
        controller, observer = self.start_two()
        self.assertIn("controls the core", controller("monitor info"))
        self.assertIn("observes", observer("monitor info"))
        self.assertEqual(observer.number("ticks"), controller.number("ticks"))
        self.assertEqual(observer.number("(unsigned)$pc"), controller.number("(unsigned)$pc"))
        for command in ("stepi", "continue"):
            self.assertIn("this one only observes", observer.go(command).text)
            self.assertTrue(self.board.is_halted())
        self.assertEqual(controller.go("stepi").reason, "end-stepping-range")

    def test_an_observer_cannot_load_or_reset(self):
        controller, observer = self.start_two()
        before, books = self.board.flash(), self.board.books()
        observer.refuses(f"load {image.FLIGHT_HEX}")
        self.assertIn("another client", observer.refuses("monitor reset"))
        self.assertEqual(self.board.flash(), before)
        self.assertEqual(self.books_since(books)["resets"], 0)
        self.assertEqual(controller.number("1 + 1"), 2)

    def test_an_observer_writes_nothing(self):
        controller, observer = self.start_two()
        controller(f"set var *(unsigned*){SCRATCH:#x} = 1")
        registers = [self.board.core_register(i) for i in range(17)]
        for command in (f"set var *(unsigned*){SCRATCH:#x} = 2", "set var $r0 = 3",
                        f"set var *(char[64]*){SCRATCH:#x} = \"{'x' * 63}\""):
            observer.refuses(command)
            self.assertIn("controls the core; this one only observes", observer("monitor version"))
        observer("break pid_update")
        observer("watch ticks")
        self.assertIn("Cannot insert hardware breakpoint 1", observer.aborts("continue"))
        self.assertIn("this one only observes", observer("monitor version"))
        self.assertEqual(self.board.read_word(SCRATCH), 1)
        self.assertEqual([self.board.core_register(i) for i in range(17)], registers)
        self.assertEqual([self.board.register(comp) for comp in FP_COMPS], [0] * len(FP_COMPS))
        controller(f"set var *(unsigned*){SCRATCH:#x} = 4")
        self.assertEqual(self.board.read_word(SCRATCH), 4)

    def test_an_observer_watches_a_running_core(self):
        controller, observer = self.start_two()
        self.resume(controller)
        first = observer.number("ticks")
        self.board.run(30)
        observer("maintenance flush dcache")
        self.assertGreaterEqual(observer.number("ticks"), first + 30)
        self.assertFalse(self.board.is_halted())
        self.assertEqual(controller.stop_with_ctrl_c().signal, "SIGINT")

    def test_an_observer_leaves_without_a_trace(self):
        controller, observer = self.start_two()
        controller("break fault_stop")
        self.resume(controller)
        observer("detach")
        self.assertEqual(observer.quit(), 0)
        self.assertFalse(self.board.is_halted())
        third = self.start_gdb()
        third.kill()
        self.assertEqual(controller.stop_with_ctrl_c().signal, "SIGINT")

    def test_the_controller_leaves_and_the_core_runs_for_the_observer(self):
        controller, observer = self.start_two()
        controller("break pid_update")
        controller.go("continue")
        controller.kill()
        wait_until("the core to run", lambda: not self.board.is_halted())
        self.assert_runs()
        observer("maintenance flush dcache")
        self.assertGreater(observer.number("ticks"), 0)

    def test_an_observer_becomes_controller(self):
        controller, observer = self.start_two()
        controller("detach")
        controller.quit()
        wait_until("the core to run", lambda: not self.board.is_halted())
        observer("monitor halt")
        self.assertIn("this one controls", observer("monitor info"))
        self.assertTrue(self.board.is_halted())
        observer("tbreak pid_update")
        self.assertEqual(observer.go("continue").function, "pid_update")

    def test_reads_go_on_during_a_load(self):
        controller = self.start_all()
        observer, ram = self.client(), 0x2000F000
        pieces = [(0x08000000 + 0x4000 * i, image.pattern(0x4000, i + 9)) for i in range(5)]
        path = image.write_hex(self.path("other.hex"), pieces)
        self.assertRegex(observer.ask("?"), "^T")
        reads, token = 0, controller.begin(f"load {path}")
        while not controller.has_ended(token):
            self.assertRegex(observer.ask(f"m{ram:x},4"), "^[0-9a-f]{8}$")
            reads += 1
        self.assertGreater(reads, 1)
        self.assert_flash_holds(dict(pieces))

    def test_sixteen_clients_and_no_more(self):
        self.start_all()
        ticks = f"m{flight_symbol('ticks'):x},4"
        clients = [self.client() for _ in range(15)]  # and gdb
        self.assertEqual(len({client.ask(ticks) for client in clients}), 1)
        self.assertEqual(self.client().byte(), b"", "one too many was not turned away")
        self.server.wait_for("connection refused: the board has 16 clients already")
        for client in clients[::2]:
            client.close()
        self.server.wait_for("(?s)(client \\d+ is gone.*){8}")
        self.assertRegex(self.client().ask(ticks), "^[0-9a-f]{8}$")

    def test_many_that_are_cut_off_leave_nothing(self):
        self.start_board(flashed=True)
        self.start_server()
        descriptors = f"/proc/{self.server.pid}/fd"
        before = len(os.listdir(descriptors))
        for turn in range(300):
            client = self.client()
            self.assertRegex(client.ask("qSupported:swbreak+;hwbreak+"), "^PacketSize=")
            self.assertRegex(client.ask("?"), "^T05")
            if turn % 2:
                client.send(frame("vCont;c"))
            client.reset()
        wait_until("the end of all connections", lambda: len(os.listdir(descriptors)) == before)
        wait_until("the core to run", lambda: not self.board.is_halted())
        self.assert_runs()
        self.assertRegex(self.client().monitor("info")[0], r"clients +1;")

    def test_two_boards_of_one_process_do_not_meet(self):
        self.start_board("--boards", "2")
        self.start_server()
        first = self.server
        second = self.start_other_server("1-2")
        gdb_of_first = self.start_gdb()
        self.server = second
        gdb_of_second = self.start_gdb()
        gdb_of_first(f"load {image.FLIGHT_HEX}")
        self.assertEqual(gdb_of_second.number("*(unsigned*)0x08000000"), 0xFFFFFFFF)
        self.assertNotEqual(gdb_of_first.number("*(unsigned*)0x08000000"), 0xFFFFFFFF)
        self.assertNotEqual(first.port, second.port)


if __name__ == "__main__":
    main()
