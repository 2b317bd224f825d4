"""What gdb's commands cost on a long way: one session as a user types it, and gdb's own log of it.

Without acknowledgements every packet that gdb sends waits for its answer: a packet is a round trip.
"""
import collections
import subprocess

import image
from process import PATIENCE_S, environment

Command = collections.namedtuple("Command", "text packets")

LONG_WAY = ("set trust-readonly-sections on", "set breakpoint always-inserted on")


def play(log, where, commands, prefix=()):
    """Plays commands in a gdb of their own, connected; `prefix` is how to start it where it is to
    run. Returns what gdb said and what it sent, a Command each."""
    script = ["set pagination off", "set width 0", "set confirm off", f"set remotetimeout {PATIENCE_S}",
              f"set remotelogfile {log}", f"target extended-remote {where}", *commands]
    done = subprocess.run(
        [*prefix, "gdb-multiarch", "-nx", "-batch", image.FLIGHT_ELF,
         *(word for command in script for word in ("-ex", command))],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment(), timeout=4 * PATIENCE_S, check=False)
    return done.stdout, read(log)


def read(log):
    """gdb's log: `c` is a command, `w` what gdb writes, `r` what it reads."""
    sent = [Command("", [])]
    with open(log, encoding="latin-1") as file:
        for line in file:
            if line.startswith("c "):
                sent.append(Command(line[2:].strip(), []))
            elif line.startswith("w ") and "$" in line:
                sent[-1].packets.append(line.split("$", 1)[1].rsplit("#", 1)[0])
    return sent
