"""Programs under test as processes: output in files, every wait bounded, every end checked.

Used by scenario.py. A child dies with the test that started it, and what the child itself starts is
found again by a mark in its environment.
"""
import ctypes
import os
import re
import signal
import subprocess
import time
import uuid

PATIENCE_S = 90  # of every wait: a sanitizer build on a busy machine is slow, and must not fail
POLL_S = 0.01
PR_SET_PDEATHSIG = 1
SANITIZER_REPORT = re.compile(r"Sanitizer|runtime error:|data race")
MARK = f"E2E_MARK={uuid.uuid4()}"

_libc = ctypes.CDLL(None)


def die_with_parent():
    """For preexec_fn: a test that is killed takes its children along."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def environment():
    name, value = MARK.split("=")
    return dict(os.environ, **{name: value, "LC_ALL": "C", "HOME": "/nonexistent"})


def wait_until(what, condition):
    """Polls until condition() is true, and returns what it gave."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE_S} s for {what}")
        time.sleep(POLL_S)


def marked_processes():
    """Process ids of all that descend from this test and are still there, zombies not counted."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:
                if MARK.encode() in file.read():
                    found.append(int(entry))
        except OSError:
            pass  # it has ended meanwhile, or is another user's
    return found


class Process:
    """One program; `name` is also that of its two output files in `folder`."""

    def __init__(self, folder, name, arguments, stdin=subprocess.DEVNULL):
        self.name = name
        self._paths = {
            stream: os.path.join(folder, f"{name}.{stream}") for stream in ("out", "err")}
        with open(self._paths["out"], "wb") as out, open(self._paths["err"], "wb") as err:
            self._popen = subprocess.Popen(
                arguments, stdin=stdin, stdout=out, stderr=err, env=environment(),
                preexec_fn=die_with_parent, start_new_session=True)
        self.pid = self._popen.pid

    def text(self, stream="err"):
        with open(self._paths[stream], encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for(self, pattern, stream="err"):
        """Waits until the output matches; an early end of the program fails at once."""
        def look():
            ended = self._popen.poll() is not None
            match = re.search(pattern, self.text(stream), re.M)
            if not match and ended:
                raise AssertionError(
                    f"{self.name} ended with {self._popen.returncode} before {pattern!r} came:\n"
                    + self.text("out") + self.text("err"))
            return match
        return wait_until(f"{pattern!r} from {self.name}", look)

    def is_running(self):
        return self._popen.poll() is None

    def signal(self, number):
        self._popen.send_signal(number)

    def wait(self):
        """Its exit code; negative for a signal."""
        wait_until(f"the end of {self.name}", lambda: self._popen.poll() is not None)
        return self._popen.returncode

    def stop(self):
        """Asks it to end, as a user would."""
        if self.is_running():
            self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self._popen.kill()
        return self._popen.wait()
