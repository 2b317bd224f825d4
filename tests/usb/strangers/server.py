#!/usr/bin/env python3
"""stlink-gdb on the virtual board, over Linux's USB and the stock libusb.

    server.py BUILD [IDENTITY...]
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab import debugging  # noqa: E402
from lab.lab import check, check_has, image, main  # noqa: E402

BASE = 0x08000000
PRODUCTS = {"V2": "ST-LINK/V2 +V2J37S7", "V2-1 J26": "ST-LINK/V2-1 +V2J26M15",
            "V2-1 J37": "ST-LINK/V2-1 +V2J37M26", "V3": "STLINK-V3 +V3J16M6"}
OLD_SERIAL = b"\x48\x3f\x76\x06\x50\x77\x25\x31\x46\x12\x15\x67"
SERVER_S = 120
USER = "nobody"
INSTALLED = "/run/stlink-gdb"  # for USER: the build may be in a folder that only root may enter
RULES = "/run/udev/rules.d/70-stlink.rules"


class Server:
    """One stlink-gdb in the guest. To be used in a `with` statement."""

    def __init__(self, lab, *words, program=None, user=None, count=1):
        self.lab = lab
        self.port = 3400 + 10 * lab.next_number()
        self.ports = range(self.port, self.port + count)
        program = program or lab.program("stlink-gdb")
        command = f"exec {program} -p {self.port} {' '.join(words)} 2>&1"
        self.job = lab.start(command, user)
        for port in self.ports:
            self.job.expect(f"Listening on port {port}", SERVER_S)

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        result = self.job.stop()
        if kind is None:
            check(result.status == 0, f"the server left with {result.status}:\n{result.text}")

    def gdb(self, *commands, port=None):
        return self.lab.run(debugging.gdb(self.lab, port or self.port, *commands), SERVER_S * 3)


def tool(lab, words, user=None):
    return lab.run(f"{lab.program('stlink-gdb')} {words} 2>&1", SERVER_S, user)


def serials(lab):
    """Of the probes that are there, as the server tells them."""
    return re.findall(r"^([0-9A-F]{24}) ", tool(lab, "--list").text, re.MULTILINE)


def has_image(board, busid="1-1"):
    check(board.peek(BASE, len(image()), busid) == image(), f"{busid} has something else")


# ---- scenarios on one board ----

def enumerate_probe(lab, board, identity):
    serial = lab.succeed("cat /sys/bus/usb/devices/1-1/serial").strip()
    check_has(tool(lab, "--list").text, rf"^{serial} +{PRODUCTS[identity]} +1-1 ")


def session(lab, board):
    with Server(lab) as server:
        debugging.whole_session(lab, board, server.port)
        debugging.interrupt(lab, board, server.port)


def replug(lab, board, path):
    """A cable pulled out while gdb waits for a stop, and put back in."""
    with Server(lab) as server:
        job = lab.start(debugging.gdb(lab, server.port, "echo going\\n", "continue",
                                      "info registers pc", "detach"))
        job.expect("going", SERVER_S)
        debugging.wait_until_running(board)
        board.detach(path)
        server.job.expect("the probe was unplugged", SERVER_S)
        result = job.finish(SERVER_S)
        check(result.status != 124, f"gdb hangs:\n{result.text}")
        board.attach()
        server.job.expect("is back", SERVER_S)
        check_has(server.gdb("info registers pc", "detach").text, r"^pc +0x8[0-9a-f]+ ")
    with Server(lab) as server:
        check_has(server.gdb("info registers pc", "detach").text, r"^pc +0x8[0-9a-f]+ ")


def plain_user(lab, board, path):
    """Without a rule: a message with the rule to write. With it, as for whoever may use the node:
    logind, which `uaccess` needs, is not in the guest, a group does the same."""
    lab.succeed(f"install -m 755 {lab.program('stlink-gdb')} {INSTALLED}")
    result = lab.run(f"{INSTALLED} -p 0 2>&1", SERVER_S, USER)
    check(result.status == 3, f"status {result.status}:\n{result.text}")
    rule = re.search(r'SUBSYSTEM=="usb".*?TAG\+="uaccess"', result.text)
    check(rule, "no rule is told in:\n" + result.text)
    lab.succeed(f"mkdir -p /run/udev/rules.d; cat >{RULES} <<'END'\n{rule.group()}, "
                'GROUP="nogroup", MODE="0660"\nEND\n'
                "/lib/systemd/systemd-udevd --daemon && udevadm settle")
    board.detach(path)
    board.attach()
    lab.succeed("udevadm settle")
    with Server(lab, program=INSTALLED, user=USER) as server:
        check_has(server.gdb("info registers pc", "detach").text, r"^pc +0x8[0-9a-f]+ ")


def claimed(lab, board):
    with Server(lab) as server:
        result = lab.run(f"{lab.program('stlink-gdb')} -p 0 2>&1", SERVER_S)
        check(result.status == 3, f"status {result.status}:\n{result.text}")
        check_has(result.text, r"in use by stlink-gdb \(pid \d+\)")
        check_has(server.gdb("info registers pc", "detach").text, r"^pc +0x8[0-9a-f]+ ")
    other = lab.start("exec openocd -f interface/stlink.cfg -f target/stm32f4x.cfg 2>&1")
    other.expect("Listening on port 3333", SERVER_S)
    check_has(lab.run(f"{lab.program('stlink-gdb')} -p 0 2>&1", SERVER_S).text,
              r"in use by openocd \(pid \d+\)")
    other.stop()


# ---- scenarios on others ----

def old_serial(lab, board):
    """Twelve raw bytes, which the kernel shows in its own way and everybody else in hex."""
    check_has(tool(lab, "--list").text, OLD_SERIAL.hex().upper())
    with Server(lab, "--serial", OLD_SERIAL.hex().upper()[:10]) as server:
        check_has(server.gdb("info registers pc", "detach").text, r"^pc +0x")


def load_both(lab, board, ports):
    jobs = [lab.start(debugging.gdb(lab, port, "load", "compare-sections", "detach"))
            for port in ports]
    for job in jobs:
        text = job.finish(120).text
        check("MIS-MATCHED" not in text and text.count(": matched.") >= 3, text)
    for busid in ("1-1", "1-2"):
        has_image(board, busid)


def all_of_them(lab, board):
    check(len(set(serials(lab))) == 2, "two boards, but:\n" + tool(lab, "--list").text)
    result = tool(lab, "-p 0")
    check(result.status == 3, f"it took one of two, or what is {result.status}:\n{result.text}")
    with Server(lab, "--all", count=2) as server:
        load_both(lab, board, server.ports)


def by_serial(lab, board):
    first, second = serials(lab)
    for busid in ("1-1", "1-2"):
        board.control("power off", busid)
        board.control("power on", busid)
    with Server(lab, "--serial", first) as one, Server(lab, "--serial", second) as other:
        load_both(lab, board, (one.port, other.port))


def on_each(lab, who):
    for identity, options in lab.identities():
        with lab.board(*options) as board:
            path = board.attach()
            lab.scenario(f"{who}, {identity}", board, "enumeration", enumerate_probe, lab, board,
                         identity)
            lab.scenario(f"{who}, {identity}", board, "load, break, step, watch", session, lab,
                         board)
            board.detach(path)


def on_one(lab, who):
    with lab.board() as board:
        path = board.attach()
        lab.load_firmware()
        for what, scenario, *rest in (("unplug and replug", replug, path),
                                      ("claimed by another program", claimed),
                                      ("a plain user, without and with a rule", plain_user, path)):
            lab.scenario(who, board, what, scenario, lab, board, *rest)
        board.detach(path)


def on_others(lab, who):
    with lab.board("--probe", "v2", "--firmware", "V2J26S6", "--serial",
                   os.fsdecode(OLD_SERIAL)) as board:
        path = board.attach()
        lab.scenario(who, board, "an old serial of 12 bytes", old_serial, lab, board)
        board.detach(path)
    with lab.board("--boards", "2") as board:
        paths = [board.attach(busid) for busid in ("1-1", "1-2")]
        lab.scenario(who, board, "two boards, one process (--all)", all_of_them, lab, board)
        lab.scenario(who, board, "two boards, two processes", by_serial, lab, board)
        for path in paths:
            board.detach(path)


def scenarios(lab):
    who = "stlink-gdb " + tool(lab, "--version").text.split()[-1]
    on_one(lab, who)
    on_others(lab, who)
    on_each(lab, who)


if __name__ == "__main__":
    sys.exit(main("server", scenarios))
