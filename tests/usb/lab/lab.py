"""The place where strangers meet the board: a guest, boards for it, and a list of what passed.

A program of scenarios (openocd.py, ...) makes one Lab, calls its scenarios, and exits with its
verdict. Each scenario prints one line, and the lines are kept in a file for the test runner.
"""
import os
import re
import sys
import tempfile
import time
import traceback

from guest.machine import Machine, Skip, Trouble, prepare
from lab.board import Board

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIRMWARE = os.path.join(os.path.dirname(FOLDER), "firmware")
SKIP = 77

# Name, and the options of stlink-board that make it.
IDENTITIES = {
    "V2": ["--probe", "v2"],
    "V2-1 J26": ["--probe", "v21", "--firmware", "V2J26M15"],
    "V2-1 J37": ["--probe", "v21", "--firmware", "V2J37M26"],
    "V3": ["--probe", "v3"],
}


class Wrong(AssertionError):
    """A stranger and the board did not get on as they should."""


def check(condition, message):
    if not condition:
        raise Wrong(message)


def check_has(text, *wanted):
    """Every regular expression is somewhere in the text."""
    for pattern in wanted:
        check(re.search(pattern, text, re.MULTILINE), f"no /{pattern}/ in:\n{text}")


def check_has_not(text, *unwanted):
    for pattern in unwanted:
        found = re.search(pattern, text, re.MULTILINE)
        check(not found, f"'{found and found.group()}' in:\n{text}")


def image():
    """The bytes of the firmware, which begin at 0x08000000."""
    data = {}
    base = 0
    with open(os.path.join(FIRMWARE, "flight.hex"), encoding="ascii") as file:
        for line in file:
            record = bytes.fromhex(line.strip()[1:])
            size, address, kind = record[0], int.from_bytes(record[1:3], "big"), record[3]
            if kind == 4:
                base = int.from_bytes(record[4:6], "big") << 16
            elif kind == 0:
                data.update((base + address + i, b) for i, b in enumerate(record[4:4 + size]))
    first = min(data)
    return bytes(data.get(first + i, 0xFF) for i in range(max(data) - first + 1))


class Lab:
    """A guest and what is tried in it. To be used in a `with` statement."""

    folder = FOLDER
    firmware = FIRMWARE

    def __init__(self, name, build, identities):
        self.name = name
        self.wanted = identities
        self.build = build
        self.work = tempfile.TemporaryDirectory(prefix="usb-lab-")
        self.numbers = 0
        self.failures = 0
        self.report = open(os.path.join(build, "tests", "usb", name + ".txt"), "w",
                           encoding="utf-8")
        self.machine = None

    def __enter__(self):
        parts = os.environ.get("USB_GUEST") or os.path.join(self.build, "usb-guest")
        prepare(parts)
        self.machine = Machine(parts).__enter__()
        with open(self.path("image"), "wb") as file:
            file.write(image())
        return self

    def __exit__(self, *exception):
        if self.machine:
            self.machine.end()
        self.report.close()
        self.work.cleanup()

    def identities(self):
        """Name and board options of each probe to try."""
        return [(name, options) for name, options in IDENTITIES.items()
                if not self.wanted or name in self.wanted]

    def next_number(self):
        self.numbers += 1
        return self.numbers

    def path(self, name):
        return os.path.join(self.work.name, name)

    def program(self, name):
        return os.path.join(self.build, name)

    def board(self, *options):
        return Board(self, *options)

    def run(self, command, seconds=60, user=None):
        return self.machine.run(command, seconds, user)

    def start(self, command, user=None):
        """Starts a command that runs on; see guest.machine.Job."""
        return self.machine.start_job(command, user)

    def succeed(self, command, seconds=60, user=None):
        """The output of a command that has to end well."""
        result = self.run(command, seconds, user)
        check(result.status == 0, f"status {result.status} of: {command}\n{result.text}")
        return result.text

    def load_firmware(self):
        """For scenarios about something else. By OpenOCD, whose limits are wide: st-flash gives up
        where a busy host keeps the board from half a second's work."""
        self.succeed("openocd -f interface/stlink.cfg -f target/stm32f4x.cfg "
                     f"-c 'program {self.firmware}/flight.hex verify reset exit' 2>&1", 120)

    # ---- scenarios ----

    def say(self, line):
        print(line, flush=True)
        self.report.write(line + "\n")
        self.report.flush()

    def scenario(self, who, board, what, function, *arguments):
        """Calls the function, prints one line about it, and goes on whatever happened. The function
        may return a remark."""
        before = board.books() if board else {}
        began = time.monotonic()
        try:
            remark = function(*arguments) or ""
            verdict = "passed"
        except (Wrong, Trouble) as error:
            remark = ""
            verdict = "FAILED"
            self.failures += 1
            print(f"---- {who}: {what}\n{error}", flush=True)
        cost = describe_cost(before, board.books()) if board else ""
        self.say(f"{verdict}  {who:34} {what:34} "
                 f"{time.monotonic() - began:5.1f} s  {cost}{remark}")


def describe_cost(before, after):
    transfers = sum(after[name] - before[name] for name in ("usb_out", "usb_in"))
    seconds = (after["time_ns"] - before["time_ns"]) / 1e9
    return f"{transfers:6} transfers, {seconds:7.3f} s modelled  "


def main(name, scenarios):
    """Runs the scenarios in a lab: the exit status for ctest."""
    build = sys.argv[1]
    try:
        with Lab(name, build, sys.argv[2:]) as lab:
            scenarios(lab)
            return 1 if lab.failures else 0
    except Skip as error:
        print(f"skipped: {error}")
        return SKIP
    except Trouble:
        traceback.print_exc()
        return 1
