"""The guest, seen from the host: boots it, runs commands in it, ends it.

By hand, for a look around:

    machine.py FOLDER COMMAND     boots, runs the shell command, exits with its status

FOLDER is where fetch.py keeps the parts. Needs no KVM: the machine is emulated, and boots in some
five seconds. The host is 10.0.2.2 for it.
"""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fetch  # noqa: E402
import initramfs  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_S = 120
GRACE_S = 10
STOP_S = 60
PR_SET_PDEATHSIG = 1


class Skip(Exception):
    """The guest cannot be had on this machine."""


class Trouble(Exception):
    """The guest did not do as it should."""


def die_with_parent():
    """For a child between fork and exec: nothing that a test starts outlives it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Result:
    """How a command ended."""

    def __init__(self, answer):
        self.status = answer["status"]
        self.text = answer["output"]


class Job:
    """A command that runs on in the guest."""

    def __init__(self, machine, number):
        self.machine = machine
        self.number = number

    def expect(self, text, seconds):
        """Waits until the output has the text; returns the output. Trouble when it does not come,
        or the command ends without it."""
        answer = self.machine.ask(seconds, expect=self.number, text=text)
        if not answer["found"]:
            raise Trouble(f"'{text}' did not come in {seconds} s; output:\n{answer['output']}")
        return answer["output"]

    def send_signal(self, number):
        self.machine.ask(GRACE_S, signal=self.number, number=int(number))

    def finish(self, seconds):
        return Result(self.machine.ask(seconds, finish=self.number))

    def stop(self, number=signal.SIGTERM, seconds=STOP_S):
        self.send_signal(number)
        return self.finish(seconds)


class Machine:
    """A running guest. To be used in a `with` statement."""

    def __init__(self, parts):
        self.parts = parts
        self.process = self.connection = self.lines = None
        self.work = tempfile.TemporaryDirectory(prefix="usb-guest-")

    def __enter__(self):
        try:
            self.boot()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *exception):
        self.end()

    def path(self, name):
        return os.path.join(self.work.name, name)

    def boot(self):
        with open(self.path("initramfs.gz"), "wb") as file:
            file.write(initramfs.build(self.parts))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.start(listener.getsockname()[1])
            listener.settimeout(BOOT_S)
            try:
                self.connection, _ = listener.accept()
            except TimeoutError:
                raise Trouble("the guest did not boot; its console:\n" + self.console()) from None
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.connection.makefile("rb")

    def start(self, port):
        # On a busy host an emulated timer is late, and the kernel would take it for broken.
        words = (f"console=ttyS0 quiet panic=1 mitigations=off no_timer_check"
                 f" agent={HERE}/agent.py port={port}")
        command = [
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-m", "1536", "-smp", "1",
            "-display", "none", "-monitor", "none", "-no-reboot",
            "-serial", "file:" + self.path("console"),
            "-kernel", os.path.join(self.parts, "vmlinuz"),
            "-initrd", self.path("initramfs.gz"), "-append", words,
            "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=host,mount_tag=host",
            "-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)
        except FileNotFoundError:
            raise Skip("qemu-system-x86_64 is not installed (package qemu-system-x86)") from None

    def console(self):
        with open(self.path("console"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def end(self):
        if self.connection:
            self.lines.close()
            self.connection.close()
        if self.process:
            try:
                self.process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.work.cleanup()

    # ---- orders, see agent.py ----

    def ask(self, seconds, **order):
        order["seconds"] = seconds
        self.connection.settimeout(seconds + BOOT_S)
        try:
            self.connection.sendall((json.dumps(order) + "\n").encode())
            answer = self.lines.readline()
        except OSError as error:
            answer = None
            raise Trouble(f"the guest is gone ({error}); its console:\n" + self.console()) from None
        if not answer:
            raise Trouble("the guest is gone; its console:\n" + self.console())
        return json.loads(answer)

    def run(self, command, seconds=60, user=None):
        """Runs a shell command to its end; status 124 when it was over its time."""
        return Result(self.ask(seconds, run=command, user=user))

    def start_job(self, command, user=None):
        return Job(self, self.ask(GRACE_S, start=command, user=user)["job"])


def prepare(parts):
    """Fetches the parts when they are not there. Skip when they cannot be had."""
    fetched = subprocess.run([sys.executable, os.path.join(HERE, "fetch.py"), parts],
                             capture_output=True, text=True, check=False)
    if fetched.returncode == fetch.SKIP:
        raise Skip(fetched.stdout.strip().removeprefix("skipped: "))
    if fetched.returncode:
        raise Trouble("fetching the guest's parts failed:\n" + fetched.stdout + fetched.stderr)


def main(parts, command):
    prepare(parts)
    with Machine(parts) as machine:
        result = machine.run(command, 600)
    print(result.text, end="")
    return result.status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
