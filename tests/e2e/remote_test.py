"""A long way: between gdb and the server, where round trips count, and between server and probe."""
import image
from board import RAM
from relay import Relay
from scenario import Scenario, main
from turns import LONG_WAY, play

ROUND_TRIP_S = 0.020
LOAD_RATIO = 1.5
NEXT_TURNS = 4
STEPS = 14


class Remote(Scenario):
    def play(self, *commands):
        """What gdb sent, a Command each."""
        text, sent = play(self.path("packets"), f"127.0.0.1:{self.server.port}", commands)
        self.server.wait_for("client 1 is gone")
        with open(self.path("cli.log"), "w", encoding="utf-8") as file:
            file.write(text)
        return sent

    def steps(self, *settings, always=()):
        """The `next`s of a session that stay in one function."""
        self.start_board(flashed=True)
        self.start_server()
        sent = self.play(*settings, "break motors_mix", "continue", *always,
                         *["next"] * STEPS, "detach")
        stayed = [step for step in sent if step.text == "next"
                  and not [packet for packet in step.packets if packet == "vCont;c"]]
        self.assertGreater(len(stayed), STEPS / 2)
        return stayed

    def test_a_load_of_gdb_takes_few_round_trips(self):
        self.start_board()
        self.start_server()
        path = image.write_hex(self.path("other.hex"), [(0x08000000, bytes(128 * 1024))])
        self.play(f"load {path}", "detach")
        before = self.board.books()
        sent = play(self.path("again"), f"127.0.0.1:{self.server.port}", ["load"])[1]
        spent = self.books_since(before)
        turns = sum(len(command.packets) for command in sent if command.text == "load")
        flash_s = (spent["erase_ns"] + spent["program_ns"]) / 1e9
        self.assertGreater(flash_s, 1)
        self.assertGreater(turns, 3)
        self.assertLessEqual(turns * ROUND_TRIP_S, (LOAD_RATIO - 1) * flash_s)

    def test_gdb_does_not_take_the_program_for_one_of_linux(self):
        """It would look for Linux's signal trampolines at every stop: sixteen reads more."""
        for step in self.steps(always=["delete"]):
            pieces = [packet for packet in step.packets if packet.startswith("vCont;r")]
            self.assertLessEqual(len(step.packets), 3 * len(pieces) + 2, step)

    def test_next_with_the_settings_for_a_long_way(self):
        """Each piece of addresses that a line consists of is a run and a look at the stack; then
        gdb asks for the threads. Off a breakpoint it takes that one away and sets it again."""
        pieces = []
        for step in self.steps(*LONG_WAY):
            moved = [packet for packet in step.packets if packet[0] in "zZ"]
            runs = [packet for packet in step.packets if packet.startswith("vCont")]
            self.assertLessEqual(len(step.packets), 2 * len(runs) + 1 + len(moved), step)
            pieces.append(len(runs))
            if len(runs) == 1:
                self.assertLessEqual(len(step.packets), NEXT_TURNS, step)
        self.assertIn(1, pieces)

    def test_a_probe_behind_a_long_way(self):
        self.start_board()
        relay = Relay(self.board.port, ROUND_TRIP_S / 2)
        self.addCleanup(relay.close)
        self.server = self.start_server("--probe", f"usbip:127.0.0.1:{relay.port}/1-1")
        gdb = self.start_gdb()
        before, turns = self.board.books(), relay.turns
        gdb("load")
        spent = self.books_since(before)
        self.assertGreater(relay.turns, turns)
        self.assertLessEqual(relay.turns - turns, (spent["usb_in"] + spent["usb_out"]) / 2 + 1)
        self.assert_all_matched(gdb("compare-sections"))
        gdb("break practice_round")
        self.assertEqual(gdb.go("continue").function, "practice_round")
        gdb.go("next")
        gdb(f"set {{int}}{RAM + 0xF000:#x} = 0x12345678")
        self.assertEqual(self.board.read_word(RAM + 0xF000), 0x12345678)
        gdb("delete")
        self.resume(gdb)
        self.assertEqual(gdb.stop_with_ctrl_c().signal, "SIGINT")
        gdb("detach")
        self.assert_runs()
        self.assertNotRegex(self.server.text(), "timed out|error")


if __name__ == "__main__":
    main()
