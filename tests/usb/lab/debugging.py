"""A session of gdb with a server in the guest, and what must be seen in it."""
import re
import signal
import time

from guest.machine import Trouble
from lab.lab import check, check_has, image

GDB_S = 180
RUNNING_S = 30
FACTORIAL_10 = 3628800
CCR_AT_1000 = "7094 7965 7422 6562"  # ../firmware/README.md


def gdb(lab, port, *commands, script=""):
    """The command line of a gdb that is connected and has done the commands."""
    words = ["exec gdb-multiarch -nx -batch -ex 'set pagination off' -ex 'set confirm off'",
             "-ex 'set width 0' -ex 'set remotetimeout 30'",
             f"-ex 'file {lab.firmware}/flight.elf'", f"-ex 'target extended-remote :{port}'"]
    words += [f"-ex '{command}'" for command in commands]
    if script:
        words.append(f"-x {script}")
    return " ".join(words)


def section(text, name):
    """The part of the output behind `== name`."""
    parts = re.split(r"^== (.*)$", text, flags=re.MULTILINE)
    check(name in parts, f"gdb did not come to '{name}':\n{text}")
    return parts[parts.index(name) + 1]


def whole_session(lab, board, port, *commands, leave=("detach",), tells_watchpoint=True):
    """Load, breakpoints, steps, code in RAM, watchpoints, memory. `commands` halt the core. Not
    every server says that a stop was a watchpoint's."""
    command = gdb(lab, port, *commands, script=f"{lab.folder}/lab/session.gdb")
    result = lab.run(command + "".join(f" -ex '{word}'" for word in leave), GDB_S)
    text = result.text
    check(board.peek(0x08000000, len(image())) == image(), "the image is not in the flash\n" + text)
    loaded = section(text, "load")
    check(loaded.count(": matched.") >= 3 and "MIS-MATCHED" not in loaded, loaded)
    check_has(section(text, "breakpoint"), r"^first: ticks 0 loops 0",
              r"^second: ticks 1000 loops 1000 ccr " + CCR_AT_1000,
              r"^#0 .*practice_round", r"^#[1-3] .*main \(\)")
    check_has(section(text, "steps"), r"^stepi: in practice_round 1",
              rf"^next: factorial {FACTORIAL_10}", r"^pc +0x8[0-9a-f]+ ", r"^\$1 = -?\d")
    check_has(section(text, "code in RAM"), r"^ram: 1", r"^Value returned is ")
    watchpoint = r"Old value = 2\s+New value = 3" if tells_watchpoint else "SIGTRAP"
    check_has(section(text, "watchpoint"), watchpoint, r"^rounds 3")
    check_has(section(text, "memory"), r"= 0x12345678")
    check(lab.run(f"head -c 4097 {lab.path('image')} | cmp - /run/from-gdb").status == 0,
          "gdb read something else than what is in the flash")
    check(result.status == 0, text)


def wait_until_running(board):
    """Until the core executes: gdb's own word about it stays in gdb's buffer."""
    before = board.books()["instructions"]
    deadline = time.monotonic() + RUNNING_S
    while board.books()["instructions"] == before:
        if time.monotonic() > deadline:
            raise Trouble(f"the core does not run {RUNNING_S} s after 'continue'")
        time.sleep(0.05)


def interrupt(lab, board, port, *commands):
    """Ctrl-C while the program runs; then it goes on."""
    job = lab.start(gdb(lab, port, *commands, "echo going\\n", "continue", "echo stopped\\n",
                        'printf "pc %#x\\n", $pc', "detach"))
    job.expect("going", 60)
    wait_until_running(board)
    job.send_signal(signal.SIGINT)
    text = job.finish(60).text
    check_has(text, "SIGINT", "^stopped", "^pc 0x")
