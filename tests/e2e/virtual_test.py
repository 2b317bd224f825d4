"""`stlink-gdb --virtual`: the server brings its own board, in real time, and takes it along."""
import os
import signal

import image
from process import marked_processes, wait_until
from scenario import Scenario, flight_symbol, main


class Virtual(Scenario):
    def start_virtual(self):
        self.start_server("--virtual")
        return self.start_gdb()

    def resume_and_see_it_run(self, gdb):
        """By the program's own clock, which an observer reads."""
        observer, ticks = self.client(), f"m{flight_symbol('ticks'):x},4"
        gdb.resume()
        first = observer.ask(ticks)
        wait_until("ticks", lambda: observer.ask(ticks) != first)
        observer.close()

    def test_a_session(self):
        gdb = self.start_virtual()
        gdb(f"load {image.FLIGHT_HEX}")
        self.assert_all_matched(gdb("compare-sections"))
        gdb("break practice_round")
        self.assertEqual(gdb.go("continue").function, "practice_round")
        gdb.go("continue")
        self.assertEqual(gdb.number("ticks"), 1000)
        self.assertRegex(gdb("info registers"), r"(?m)^pc\s.*practice_round")
        self.assertNotEqual(float(gdb.value("$s0")), 0)
        self.assertEqual(gdb.go("stepi").reason, "end-stepping-range")
        gdb("delete")
        self.resume_and_see_it_run(gdb)
        self.assertEqual(gdb.stop_with_ctrl_c().signal, "SIGINT")
        self.assertGreater(gdb.number("ticks"), 1000)
        gdb("detach")
        self.assertEqual(gdb.quit(), 0)
        self.end_server()

    def test_ctrl_c_in_the_terminal(self):
        gdb = self.start_virtual()
        gdb(f"load {image.FLIGHT_HEX}")
        os.killpg(self.server.pid, signal.SIGINT)
        self.assertEqual(self.server.wait(), 0)
        self.assertNotIn("error", self.server.text())
        gdb.kill()

    def test_the_board_does_not_outlive_a_killed_server(self):
        self.start_virtual().kill()
        self.assertEqual(len(marked_processes()), 2)
        self.server.kill()
        wait_until("the board's end", lambda: not marked_processes())


if __name__ == "__main__":
    main()
