#!/usr/bin/env python3
"""gdb far from the server: two network namespaces of the guest's, and 20 ms between them by netem.

    long_way.py BUILD             says what a load takes there, and asserts what does not depend on
                                  the machine: that the way is long, that all works, round trips
    long_way.py BUILD --limit     asserts the time of the load, too; for ../limits.sh

The kernel of a machine that runs tests has no netem as a rule; the guest's is Debian's and has.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "..", "e2e")]
import turns  # noqa: E402
from image import FLIGHT_ELF, write_hex  # noqa: E402
from lab.lab import check, check_has, main  # noqa: E402

ONE_WAY_MS = 10
LOAD_RATIO = 1.5
LIMIT_ROUNDS = 3  # the least counts: what else the machine does only adds
NEXT_TURNS = 4
PORT, NEAR, FAR = 3333, "10.77.0.1", "10.77.0.2"
GDB_S = 300
LOG = "/run/packets"

BUILD_THE_WAY = f"""set -e
ip netns add far
ip link add near type veth peer name far netns far
ip addr add {NEAR}/24 dev near
ip link set near up
ip -n far addr add {FAR}/24 dev far
ip -n far link set far up
tc qdisc add dev near root netem delay {ONE_WAY_MS}ms
tc -n far qdisc add dev far root netem delay {ONE_WAY_MS}ms
"""
ROUND_TRIP = f"""import socket, time
def once():
    began = time.monotonic()
    socket.create_connection(("{NEAR}", {PORT})).close()
    return time.monotonic() - began
print(min(once() for _ in range(3)))
"""


def play(lab, prefix, other, rounds):
    """A session; (seconds of the load over other contents, what gdb sent for each command)."""
    loads = [f"load {other}", "python import time; began = time.monotonic()", "load",
             "python print('load took', time.monotonic() - began)"]
    commands = ["set pagination off", "set confirm off", "set remotetimeout 60",
                f"set remotelogfile {LOG}", *turns.LONG_WAY,
                f"target extended-remote {NEAR}:{PORT}", *loads * rounds, "compare-sections",
                "break motors_mix", "continue", *["next"] * 12, "detach"]
    result = lab.run(prefix + "gdb-multiarch -nx -batch " + FLIGHT_ELF + "".join(
        f' -ex "{command}"' for command in commands), GDB_S)
    check(result.status == 0, result.text)
    check_has(result.text, r"Section .text.*matched\.", r"^Breakpoint 1, motors_mix", r"detached\]")
    with open(lab.path("packets"), "w", encoding="latin-1") as file:
        file.write(lab.succeed(f"cat {LOG}"))
    return (min(map(float, re.findall(r"^load took (\S+)", result.text, re.M))),
            turns.read(lab.path("packets")))


def the_way_is_long(lab):
    took = lab.succeed(f"ip netns exec far python3 -c '{ROUND_TRIP}'")
    check(float(took) >= 2 * ONE_WAY_MS / 1000, f"a round trip of {took} s")
    return f"round trip {1000 * float(took):.1f} ms"


def a_session(lab, limit):
    other = write_hex(lab.path("other.hex"), [(0x08000000, bytes(128 * 1024))])
    rounds = LIMIT_ROUNDS if limit else 1
    near_s, _ = play(lab, "", other, rounds)
    far_s, sent = play(lab, "ip netns exec far ", other, rounds)
    loads = [len(command.packets) for command in sent if command.text == "load"]
    runs = [command for command in sent if command.text == "next"
            and sum(packet.startswith("vCont") for packet in command.packets) == 1]
    check(len(loads) == rounds and runs, f"what gdb sent is not as expected: {sent}")
    worst = max(len(command.packets) for command in runs)
    check(worst <= NEXT_TURNS, f"{worst} round trips for a next: {runs}")
    check(not limit or far_s <= LOAD_RATIO * near_s, f"load: {far_s:.2f} s, {near_s:.2f} s near by")
    return (f"load {far_s:.2f} s, {near_s:.2f} s near by, {loads[0]} round trips; "
            f"next of one run: at most {worst}")


def scenarios(lab):
    with lab.board() as board:
        path = board.attach()
        lab.succeed(BUILD_THE_WAY)
        job = lab.start(f"exec {lab.program('stlink-gdb')} -p {PORT} --listen {NEAR} 2>&1")
        job.expect("connect with", 60)
        who = f"stlink-gdb, netem {ONE_WAY_MS} ms each way"
        lab.scenario(who, board, "the way is long", the_way_is_long, lab)
        lab.scenario(who, board, "load, break, next, detach", a_session, lab, LIMIT)
        job.stop()
        board.detach(path)


LIMIT = "--limit" in sys.argv
if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--limit"]
    sys.exit(main("long_way", scenarios))
