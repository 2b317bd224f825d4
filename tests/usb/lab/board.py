"""A virtual board for the guest: `stlink-board` on the host, at the host's speed.

Inside the guest the board's CPU would be emulated by an emulated machine, and too slow for the
wall-clock limits of the programs that are tried on it.
"""
import json
import os
import socket
import subprocess

from guest.machine import Trouble, die_with_parent

ANSWER_S = 60
EXIT_S = 30
PEEK_MAX = 4096


class Board:
    """One process, one or more boards. To be used in a `with` statement."""

    def __init__(self, lab, *options):
        self.lab = lab
        self.number = lab.next_number()
        self.books_file = lab.path(f"books-{self.number}")
        control = lab.path(f"control-{self.number}")
        self.process = subprocess.Popen(
            [lab.program("stlink-board"), "--listen", "127.0.0.1:0", "--control", control,
             "--books", self.books_file, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=die_with_parent)
        line = self.process.stdout.readline()
        if not line.startswith("Listening on "):
            raise Trouble("stlink-board did not start: " + self.process.communicate()[1])
        self.port = int(line.rsplit(":", 1)[1])
        self.speaker = socket.socket(socket.AF_UNIX)
        self.speaker.settimeout(ANSWER_S)
        self.speaker.connect(control)
        self.answers = self.speaker.makefile("r")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.end()

    def end(self):
        """Ends the process; returns its last books, one a board."""
        if self.process.returncode is None:
            self.answers.close()
            self.speaker.close()
            self.process.terminate()
            _, errors = self.process.communicate(timeout=EXIT_S)
            if self.process.returncode:
                raise Trouble(f"stlink-board ended with {self.process.returncode}:\n{errors}")
        with open(self.books_file, encoding="ascii") as file:
            return [json.loads(line) for line in file]

    # ---- control ----

    def control(self, line, busid="1-1"):
        self.speaker.sendall(f"@{busid} {line}\n".encode())
        answer = json.loads(self.answers.readline())
        if "error" in answer:
            raise Trouble(f"the board does not take '{line}': {answer['error']}")
        return answer

    def books(self, busid="1-1"):
        return self.control("books", busid)

    def peek(self, address, size, busid="1-1"):
        """Memory as an onlooker sees it: neither probe nor debugger has a part in it."""
        data = b""
        while len(data) < size:
            part = min(PEEK_MAX, size - len(data))
            answer = self.control(f"read {address + len(data):#x} {part}", busid)
            data += bytes.fromhex(answer["data"])
        return data

    def word(self, address, busid="1-1"):
        return int.from_bytes(self.peek(address, 4, busid), "little")

    # ---- the cable ----

    def attach(self, busid="1-1"):
        """Plugs the board into the guest; returns where it is there, such as "1-1"."""
        result = self.lab.machine.run(
            f"{self.lab.folder}/guest/attach.sh {self.port} {busid}", ANSWER_S)
        if result.status:
            raise Trouble(f"cannot attach {busid}:\n{result.text}")
        return result.text.split()[-1]

    def detach(self, path):
        result = self.lab.machine.run(f"{self.lab.folder}/guest/detach.sh {path}", ANSWER_S)
        if result.status:
            raise Trouble(f"cannot detach {path}:\n{result.text}")
