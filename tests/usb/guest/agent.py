#!/usr/bin/env python3
"""The hand of the tests inside the guest: runs commands that come over a TCP connection.

    agent.py HOST PORT

Started by init.sh, spoken to by machine.py: one JSON object a line, one answer each, in order.

    {"run": COMMAND, "seconds": S, "user": NAME}   -> {"status": N, "output": TEXT}
    {"start": COMMAND, "user": NAME}               -> {"job": N}
    {"expect": N, "text": TEXT, "seconds": S}      -> {"found": BOOL, "output": TEXT}
    {"signal": N, "number": SIGNAL}                -> {}
    {"finish": N, "seconds": S}                    -> {"status": N, "output": TEXT}

COMMAND is for the shell, output is both streams. Whatever is over its time is killed, with all
that it has started, and has status 124. The connection's end is the guest's end.
"""
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time

TIMED_OUT = 124
POLL_S = 0.02


class Job:
    """A command and its output."""

    def __init__(self, command, user=None):
        self.log = tempfile.NamedTemporaryFile(dir="/run", prefix="job-", delete=False)
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=subprocess.STDOUT, start_new_session=True, cwd="/run",
            user=user, group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None)

    def output(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def send_signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self):
        """Also what it left behind in its session."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def finish(self, seconds):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = TIMED_OUT
        self.kill()
        self.process.wait()
        return {"status": status, "output": self.output()}

    def expect(self, text, seconds):
        deadline = time.monotonic() + seconds
        while True:
            ended = self.process.poll() is not None
            output = self.output()
            if text in output or ended or time.monotonic() > deadline:
                return {"found": text in output, "output": output}
            time.sleep(POLL_S)


class Agent:
    """Obeys orders: one method a verb."""

    def __init__(self):
        self.jobs = {}

    def run(self, order):
        return Job(order["run"], order.get("user")).finish(order["seconds"])

    def start(self, order):
        number = len(self.jobs) + 1
        self.jobs[number] = Job(order["start"], order.get("user"))
        return {"job": number}

    def expect(self, order):
        return self.jobs[order["expect"]].expect(order["text"], order["seconds"])

    def signal(self, order):
        self.jobs[order["signal"]].send_signal(order["number"])
        return {}

    def finish(self, order):
        return self.jobs[order["finish"]].finish(order["seconds"])

    def obey(self, order):
        for verb in ("run", "start", "expect", "signal", "finish"):
            if verb in order:
                return getattr(self, verb)(order)
        return {"error": "no such order"}


def main(host, port):
    os.environ.update(PATH="/usr/sbin:/usr/bin:/sbin:/bin", HOME="/run", LC_ALL="C.UTF-8")
    agent = Agent()
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for line in connection.makefile("rb"):
            answer = json.dumps(agent.obey(json.loads(line))) + "\n"
            connection.sendall(answer.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
