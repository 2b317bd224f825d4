"""The session that README.md shows: plays it, and compares; `session.py --write` writes it there.

The board is the one of --virtual, but not in real time: seconds are those of the board's books (in
which a load leaves the wire no idle time but what this machine costs), and what else depends on the
machine (ports, gdb's rate) is left out or fixed.
"""
import os
import re
import sys

import image
from scenario import Scenario, main

README = os.path.join(os.path.dirname(image.TESTS), "README.md")
BEGIN, END = "<!-- session: begin -->\n", "<!-- session: end -->\n"
WRITE = "--write" in sys.argv

COMMANDS = ["target extended-remote :3333", "load flight.hex", "compare-sections",
            "break practice_round", "continue", "continue", "print ticks", "print tim4.ccr",
            "detach"]
LEFT_OUT = re.compile(
    r"(?m)^(client .*|connect with: .*|signal .*|Transfer rate: .*|0x[0-9a-f]+ in .*|"
    r"Detaching .*|)\n")
TIME = re.compile(r"verified, (\d+\.\d\d) s")
TOLERANCE = 0.05


class Session(Scenario):
    def play(self):
        """(what the server says, what gdb says, modelled seconds of the load)"""
        self.start_board()
        self.start_server()
        gdb, said, load_s = self.start_gdb(image.FLIGHT_ELF, connect=False), "", 0
        gdb(f"directory {os.path.dirname(image.TESTS)}")
        for command in COMMANDS:
            before = self.board.books()
            said += f"(gdb) {command}\n" + self.type(gdb, command)
            if command.startswith("load"):
                spent = self.books_since(before)
                load_s = (spent["time_ns"] - spent["idle_ns"]) / 1e9
        self.end_server()
        server = self.server.text()
        greeting, rest = re.fullmatch(r"(?s)(.*?\n.*?\n)(.*)", server).groups()
        server = greeting + "Listening on port 3333\n" + rest
        return self.cut(server), self.cut(said), load_s

    def type(self, gdb, command):
        command = command.replace("flight.hex", image.FLIGHT_HEX)
        command = command.replace(":3333", f"127.0.0.1:{self.server.port}")
        return gdb.go(command).text if command == "continue" else gdb(command)

    @staticmethod
    def cut(text):
        return LEFT_OUT.sub("", text)

    @staticmethod
    def section(server, said, load_s):
        server = TIME.sub(f"verified, {load_s:.2f} s", server)
        lines = f"$ stlink-gdb --virtual\n{server}\n$ gdb-multiarch flight.elf\n{said}"
        return "\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines.splitlines()) + "\n"

    def test_the_readme_shows_it(self):
        server, said, load_s = self.play()
        section = self.section(server, said, load_s)
        with open(README, encoding="utf-8") as file:
            before, rest = file.read().split(BEGIN)
        shown, after = rest.split(END)
        if WRITE:
            with open(README, "w", encoding="utf-8") as file:
                file.write(before + BEGIN + section + END + after)
            return
        self.assertEqual(TIME.sub("T", shown), TIME.sub("T", section), "run session.py --write")
        shown_s = float(TIME.search(shown).group(1))
        self.assertLess(abs(shown_s - load_s), TOLERANCE * load_s, "run session.py --write")


if __name__ == "__main__":
    sys.argv = [argument for argument in sys.argv if argument != "--write"]
    main()
