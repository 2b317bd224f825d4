"""One cell of the fault matrix: a trouble, the moment when it comes, and what must be said of it.

Used by matrix_rows.py (which cells there are) and matrix_test.py. Real gdb, real server, the board
as a process; the board's control socket is where the truth comes from. Register addresses are those
of RM0368 and of the ARMv7-M manual.
"""
import dataclasses
import json
import re

import image
from board import FLASH
from gdb import GdbError
from process import wait_until

IMAGE_SIZE = 0x5000  # sectors 0 and 1, the second in part

STARTS = [0, 0x4000, 0x8000, 0xC000, 0x10000, 0x20000, 0x40000]

# Said in the end, so that the server can leave.
MENDED = ("fault none", "fault bsy-stuck off", "fault core-stuck off", "nrst wired", "power on")

GONE = "Could not read registers"  # what gdb makes of a stop that tells none

# What an answer may take: the limit of the operation, which is its own, and then this. The board
# keeps to the wall's time here, so a busy machine may delay an answer, but not when README.md is
# written.
ANSWER_S = 2.0
BUSY_ANSWER_S = 10.0

REGISTERS = {
    "DHCSR": 0xE000EDF0, "DFSR": 0xE000ED30, "DEMCR": 0xE000EDFC, "CPUID": 0xE000ED00,
    "ICSR": 0xE000ED04, "VTOR": 0xE000ED08, "SCR": 0xE000ED10, "CFSR": 0xE000ED28,
    "HFSR": 0xE000ED2C, "DBGMCU_CR": 0xE0042004, "RCC_CSR": 0x40023874, "FLASH_SR": 0x40023C0C,
    "FLASH_CR": 0x40023C10, "FLASH_OPTCR": 0x40023C14, "PWR_CR": 0x40007000,
    "PWR_CSR": 0x40007004, "IWDG_SR": 0x4000300C, "WWDG_CR": 0x40002C00, "FLASH_ACR": 0x40023C00,
    "RCC_CFGR": 0x40023808, "RCC_AHB1ENR": 0x40023830, "SYSCFG_MEMRMP": 0x40013800,
    "GPIOA_MODER": 0x40020000, "GPIOA_AFRH": 0x40020024, "DBGMCU_IDCODE": 0xE0042000,
    "PIDR1": 0xE00FFFE4, "PIDR2": 0xE00FFFE8, "PC": 0xE000EDF8,
}
VALUE = re.compile(r"(?<![\w/])([A-Z][A-Z0-9_]+)(?: again)? ([0-9A-F]{8})\b")
REPORT = re.compile(
    r"^(?P<level>error|warning|info|debug|note)?:? ?(?P<code>FD\d\d): (?P<cause>.*)\n"
    r".*?  evidence: (?P<evidence>.*)\n.*?  remedy: (?P<remedy>.*)\n"
    r"(?:.*?  flash: (?P<flash>.*)\n)?", re.M)


@dataclasses.dataclass
class Cell:
    row: str   # the cause that it belongs to, FDnn
    what: str  # in a few words
    when: str  # attach connect idle load erase program verify run
    lines: tuple = ()       # said to the board at that moment
    code: str = None        # of the first cause that is named; None: none may be
    also: tuple = ()        # causes that may be named after it
    cause: str = ""         # patterns: in the line, in the evidence, in the remedy
    evidence: str = ""
    remedy: str = ""
    says: str = ""          # pattern that the server says besides
    before: tuple = ()      # said to the board before the server starts
    ready: tuple = ()       # said to it after gdb has connected, before the command
    then: tuple = ()        # said to it once the cause is named, so that gdb can stop the core
    board: tuple = ()       # options
    pace: str = "real"      # modelled time is the server's time, too; free when nothing is wrong
    server: tuple = ()
    moment: str = ""        # of an armed line, where the usual one does not fit
    setting: str = ""       # of gdb
    command: str = ""       # what gdb is told instead of what belongs to the moment
    loads: bool = True      # whether the flash holds the new image in the end; None: no matter
    limit_s: float = 0.0    # of the operation: the answer comes not much later
    start: int = 0          # of the image, from the start of the flash
    size: int = IMAGE_SIZE
    elsewhere: bool = False  # a look-alike


@dataclasses.dataclass
class Outcome:
    reports: list
    answer_s: float
    told: str


class CellRunner:
    """Plays a cell on a Scenario, which has the processes."""

    def __init__(self, scene, cell, is_busy):
        self.scene, self.cell = scene, cell
        self.most_s = cell.limit_s + (BUSY_ANSWER_S if is_busy else ANSWER_S)
        self.asked_ns = self.answered_ns = 0
        self.said = ""
        self.failed = False

    # ---- the scene ----

    def play(self):
        cell, scene = self.cell, self.scene
        scene.start_board("--pace", cell.pace if cell.code else "free", *cell.board, flashed="--board" not in cell.board)
        self.old = scene.board.flash()
        self.new = image.pattern(cell.size, 8)
        scene.board.run(5)
        self.say(cell.before)
        getattr(self, f"at_{cell.when}")()
        outcome = self.judge()
        self.say(MENDED)
        return outcome

    def say(self, lines):
        for line in lines:
            later = re.match(r"(?:\+(\d+)ms )?(.*)", line)
            self.scene.board.run(int(later.group(1) or 0))
            self.scene.board.ask(later.group(2))

    def now_ns(self):
        return self.scene.board.books()["time_ns"]

    def serve(self):
        self.scene.start_server("--json", *self.cell.server, ready=False)
        server = self.scene.server
        server.port = server.wait_for(r'"event":"ready","port":(\d+)', "out").group(1)

    def connect(self, connect=True):
        self.gdb = self.scene.start_gdb(program=None, connect=connect)
        if self.cell.setting:
            self.gdb(self.cell.setting)

    def ask(self, command):
        """Types it; what gdb said, whether it is an error or not."""
        try:
            self.said += self.gdb(command)
        except GdbError as error:
            self.said += str(error)
            self.failed = True

    def watch(self, is_over):
        """Waits for the answer, and for the end of what was asked."""
        def look():
            if not self.answered_ns and self.named(self.scene.server.text()):
                self.answered_ns = self.now_ns()
            return is_over()
        wait_until(f"the end of {self.cell.what}", look)

    def named(self, log):
        return self.cell.code and re.search(
            rf"^\S* ?{self.cell.code}: |\({self.cell.code}\)$", log, re.M)

    def at_attach(self):
        self.say(self.cell.lines)
        self.asked_ns = self.now_ns()
        self.serve()
        self.watch(lambda: True)
        self.connect(connect=False)
        self.type(f"target extended-remote 127.0.0.1:{self.scene.server.port}")

    def at_connect(self):
        self.serve()
        self.connect(connect=False)
        self.say(self.cell.lines)
        self.asked_ns = self.now_ns()
        self.type(f"target extended-remote 127.0.0.1:{self.scene.server.port}")

    def at_idle(self):
        self.serve()
        self.connect()
        self.say(self.cell.ready + self.cell.lines)
        self.asked_ns = self.now_ns()
        self.ask(self.cell.command or "monitor diagnose")
        self.answered_ns = self.now_ns()
        if self.cell.command:
            self.diagnose()

    def at_run(self):
        self.serve()
        self.connect()
        self.say(self.cell.ready)
        self.scene.resume(self.gdb)
        self.asked_ns = self.now_ns()
        self.say(self.cell.lines)
        if self.cell.command:
            observer = self.scene.start_gdb(program=None)
            self.said += observer(self.cell.command)
            self.answered_ns = self.now_ns()
            observer.quit()
        elif self.cell.code:
            self.watch(lambda: self.answered_ns)
            if not self.cell.then:
                self.said += self.gdb.wait_end(GONE)
                self.diagnose()
                return
            self.say(self.cell.then)
        self.gdb.interrupt()
        self.said += self.gdb.wait_stop().text

    def at_load(self):
        self.serve()
        self.connect()
        self.say(self.cell.ready + self.cell.lines)
        self.asked_ns = self.now_ns()
        self.load()

    def at_erase(self):
        self.armed("erase:1", 20)

    def at_program(self):
        self.armed("program:2000", 0)

    def at_verify(self):
        self.armed(f"program:{self.cell.size // 4 - 2}", 2)

    def armed(self, moment, delay_ms):
        if self.cell.moment:
            moment, delay_ms = self.cell.moment, 0
        self.serve()
        self.connect()
        self.say(self.cell.ready)
        for line in self.cell.lines:
            later = re.match(r"(?:\+(\d+)ms )?(.*)", line)
            after_ms = delay_ms + int(later.group(1) or 0)
            self.scene.board.ask(f"at {moment} +{after_ms}ms {later.group(2)}")
        self.load()
        met = self.scene.board.ask("moments")
        assert met["waiting"] == 0 and not met["wrong"], f"the moment was missed: {met}"
        self.asked_ns = met["first_ns"]

    def load(self):
        file = image.write_hex(
            self.scene.path("new.hex"), [(FLASH + self.cell.start, self.new)])
        self.type(f"load {file}")

    def type(self, command):
        """What takes long: watched while it does."""
        token, ended = self.gdb.begin(command), []
        self.watch(lambda: ended or ended.extend(self.gdb.outcome(token) or ()))
        self.failed = ended[0] == "error"
        self.said += ended[1]
        self.diagnose()

    def diagnose(self):
        """The next command that shows text; of a target that is gone gdb then calls it an error."""
        failed = self.failed
        self.ask("monitor diagnose")
        self.failed = failed

    # ---- the judgement ----

    def judge(self):
        cell = self.cell
        reports = self.reports()
        named = [report["code"] for report in reports]
        if cell.code is None:
            assert not named and not re.search(r"FD\d\d", self.said), \
                f"{named} named, {self.said}: nothing is wrong"
        else:
            self.judge_report(reports)
        assert re.search(cell.says, self.scene.server.text()), f"never said: {cell.says}"
        if cell.when in ("load", "erase", "program", "verify"):
            self.judge_flash(reports)
        self.judge_events(named)
        answer_s = (self.answered_ns - self.asked_ns) / 1e9 if self.answered_ns else 0
        assert answer_s <= self.most_s, f"the answer took {answer_s} s"
        return Outcome(reports, answer_s, self.said)

    def reports(self):
        log = self.scene.server.text()
        found = [match.groupdict() for match in REPORT.finditer(log)]
        assert len(found) == len(re.findall(r"(?m)^(?:\w+: )?FD\d\d: ", log)), \
            "a cause without evidence and remedy:\n" + log
        found += [{"level": match[1], "code": match[3], "cause": match[2], "evidence": match[2],
                   "remedy": match[2], "flash": None}
                  for match in re.finditer(r"(?m)^(error): (.*) \((FD\d\d)\)$", log)]
        if self.cell.when == "idle" or self.cell.command:  # asked for, so told to gdb and not in the log
            found += [{"level": None, **match.groupdict()} for match in re.finditer(
                r"now: (?P<code>FD\d\d): (?P<cause>.*)\n  evidence: (?P<evidence>.*)\n"
                r"  remedy: (?P<remedy>.*)\n(?:  flash: (?P<flash>.*)\n)?", self.said)]
        return found

    def judge_report(self, reports):
        cell = self.cell
        assert reports, f"{cell.code} was not named:\n{self.said}"
        first = reports[0]
        assert first["code"] == cell.code, f"{first} instead of {cell.code}"
        for report in reports[1:]:
            assert report["code"] in (cell.code, *cell.also), f"{report} after {cell.code}"
        for part in ("cause", "evidence", "remedy"):
            wanted = getattr(cell, part)
            assert re.search(wanted, first[part]), f"no {wanted!r} in {part}: {first[part]}"
        assert cell.remedy, "the remedy must be looked at, too"
        for report in reports:
            self.judge_values(report["evidence"])
        is_grave = first["level"] in ("error", "warning") and cell.when not in ("attach", "connect")
        if is_grave or self.failed:
            assert cell.code in self.said, f"gdb shows nothing of {cell.code}: {self.said}"

    def judge_values(self, evidence):
        """Every register that is quoted was read with that value since the trouble began."""
        for name, digits in VALUE.findall(evidence):
            if name == "DPIDR":
                assert digits == "2BA01477", evidence
                continue
            seen = self.scene.board.ask(f"seen {REGISTERS[name]:#x}")["values"]
            assert int(digits, 16) in seen, \
                f"{name} {digits} was never read: {[f'{value:08X}' for value in seen]}"

    def judge_flash(self, reports):
        cell, flash = self.cell, self.scene.board.flash()
        held = flash[cell.start:cell.start + cell.size]
        if cell.loads is not None:
            assert (held == self.new) == cell.loads, "the flash holds something else"
            assert self.failed == (not cell.loads), f"gdb was told something else: {self.said}"
        if self.failed and reports and reports[-1].get("flash"):
            self.judge_sectors(flash, reports[-1]["flash"])

    def judge_sectors(self, flash, told):
        """What the last report says of each sector is so."""
        wanted = bytearray(self.old)
        wanted[self.cell.start:self.cell.start + self.cell.size] = self.new
        end = self.cell.start + self.cell.size
        head = slice(self.cell.start, self.cell.start + 8)
        for first, last, state in re.findall(r"(\d+)(?:-(\d+))? (old|blank|new)", told):
            for sector in range(int(first), int(last or first) + 1):
                start, stop = STARTS[sector], min(STARTS[sector + 1], end)
                held = bytearray(flash[start:stop])
                should = {"old": self.old, "new": wanted, "blank": b"\xff" * len(flash)}[state]
                should = bytearray(should[start:stop])
                if state == "new" and "first bytes are not written" in told and sector == 0:
                    held[:8] = should[:8]
                assert held == should, f"sector {sector} is not {state}: {told}"
        if "first bytes are not written" in told:
            assert flash[head] != self.new[:8], f"the first bytes are there: {told}"

    def judge_events(self, named):
        """What a script is told is the same."""
        for line in self.scene.server.text("out").splitlines():
            event = json.loads(line)
            if event["event"] == "diagnosis" and "code" in event:
                assert event["code"] in named, f"{event} but {named}"
