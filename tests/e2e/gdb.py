"""The unmodified gdb-multiarch, typed into as a user does, through its machine interface.

The console commands are the user's; the interface only tells where the output of one ends, and why
the program stopped. Grammar: GDB manual, 27.2.2.
"""
import collections
import os
import queue
import re
import signal
import subprocess
import threading

from process import PATIENCE_S, die_with_parent, environment

SETTINGS = ["set confirm off", "set pagination off", "set width 0", "set height 0",
            "set style enabled off", "set tcp connect-timeout 30", "set remotetimeout 60"]

Stop = collections.namedtuple("Stop", "reason signal function address line breakpoint text")


class GdbError(Exception):
    """gdb refused or failed; the message is gdb's own."""


# ---- the machine interface ----

def _unquote(text):
    escapes = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v",
               "e": "\033"}

    def replace(match):
        code = match.group(1)
        return chr(int(code, 8)) if code[0] in "0123" else escapes.get(code, code)
    return re.sub(r"\\([0-3][0-7]{2}|.)", replace, text)


class _Results:
    """`name="value",name={...},name=[...]` as a dictionary."""
    STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
    NAME = re.compile(r"([\w-]+)=")

    def __init__(self, text):
        self.text, self.at = text, 0

    def members(self, end):
        found = {}
        while self.at < len(self.text) and self.text[self.at] != end:
            match = self.NAME.match(self.text, self.at)
            self.at = match.end() if match else self.at
            value = self.value()
            found[match.group(1) if match else len(found)] = value
            if self.text[self.at:self.at + 1] == ",":
                self.at += 1
        self.at += 1
        return found

    def value(self):
        if self.text[self.at] in "{[":
            end = "}" if self.text[self.at] == "{" else "]"
            self.at += 1
            return self.members(end)
        match = self.STRING.match(self.text, self.at)
        self.at = match.end()
        return _unquote(match.group(1))


def _results(text):
    return _Results(text).members("")


# ---- gdb ----

class Gdb:
    def __init__(self, folder, name="gdb", program=None, binary="gdb-multiarch"):
        self.log_path = os.path.join(folder, f"{name}.log")
        self._log = open(self.log_path, "w", encoding="utf-8")
        arguments = [binary, "-nx", "-q", "--interpreter=mi3"]
        self._popen = subprocess.Popen(
            arguments + ([program] if program else []), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            env=environment(), preexec_fn=die_with_parent, start_new_session=True)
        self.pid = self._popen.pid
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._token = 0
        self._stops = collections.deque()
        self._text = ""
        for setting in SETTINGS:
            self(setting)

    def _read(self):
        for line in self._popen.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _next_line(self):
        try:
            line = self._lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AssertionError(f"gdb said nothing for {PATIENCE_S} s") from None
        if line is None:
            raise AssertionError("gdb has ended")
        self._log.write(line + "\n")
        self._log.flush()
        return line

    def _note(self, line):
        """Keeps what a line says that is no result; console and target output are one."""
        if line[:1] in "~@&":
            self._text += _unquote(line[2:-1])
        elif line.startswith("*stopped"):
            self._stops.append(self._stop(_results(line[len("*stopped,"):])))

    def _stop(self, results):
        frame = results.get("frame", {})
        text, self._text = self._text, ""
        return Stop(results.get("reason"), results.get("signal-name"), frame.get("func"),
                    int(frame.get("addr", "0"), 16), int(frame.get("line", 0)),
                    int(results.get("bkptno", 0)), text)

    def _send(self, command):
        self._token += 1
        self._log.write(f"> {command}\n")
        self._popen.stdin.write(f"{self._token}{command}\n")
        self._popen.stdin.flush()
        return self._token

    def _result(self, token):
        """Class and results of a command."""
        pattern = re.compile(rf"{token}\^(\w+),?(.*)")
        while True:
            line = self._next_line()
            match = pattern.match(line)
            if match:
                return match.group(1), _results(match.group(2))
            self._note(line)

    def _run(self, command):
        kind, results = self._result(self._send(command))
        text, self._text = self._text, ""
        if kind == "error":
            raise GdbError(text + results.get("msg", ""))
        return kind, results, text

    @staticmethod
    def _console(command):
        quoted = command.replace("\\", "\\\\").replace('"', '\\"')
        return f'-interpreter-exec console "{quoted}"'

    def __call__(self, command):
        """Runs a console command to its end; its text. GdbError when gdb calls it an error."""
        kind, _, text = self._run(self._console(command))
        assert kind == "done", f"{command} resumed the program: use go()"
        self._stops.clear()
        return text

    def refuses(self, command):
        """Runs a console command that must fail; what gdb said."""
        try:
            text = self(command)
        except GdbError as error:
            return str(error)
        raise AssertionError(f"gdb took {command!r}: {text}")

    def begin(self, command):
        """Types a command and waits for nothing; for has_ended() and end()."""
        return self._send(self._console(command))

    def outcome(self, token):
        """(done or error, all that gdb has said meanwhile); None as long as the command goes on."""
        while not self._lines.empty():
            line = self._next_line()
            match = re.match(rf"{token}\^(\w+),?(.*)", line)
            if match:
                text, self._text = self._text, ""
                return match.group(1), text + _results(match.group(2)).get("msg", "")
            self._note(line)
        return None

    def has_ended(self, token):
        """Whether the command has, by what gdb has said so far."""
        while not self._lines.empty():
            if self._next_line().startswith(f"{token}^"):
                return True
        return False

    def go(self, command):
        """Runs a console command that resumes the program, and waits for the stop."""
        self.resume(command)
        return self.wait_stop()

    def resume(self, command="continue"):
        """Returns before the program runs: a Ctrl-C at once is lost in gdb itself."""
        self._stops.clear()
        kind, _, text = self._run(self._console(command))
        assert kind == "running" or self._stops, f"{command} did not resume: {text}"

    def aborts(self, command):
        """Resumes, and gdb gives up before the program runs; what it said. The interface reports
        that as running, and then tells in plain words."""
        self.resume(command)
        while "Command aborted." not in self._text:
            self._note(self._next_line())
        text, self._text = self._text, ""
        return text

    def wait_stop(self):
        while not self._stops:
            self._note(self._next_line())
        return self._stops.popleft()

    def wait_text(self, pattern):
        """Waits for something that gdb says by itself; all that it has said."""
        while not re.search(pattern, self._text):
            self._note(self._next_line())
        text, self._text = self._text, ""
        return text

    def wait_end(self, pattern):
        """Waits until the program has stopped, or gdb says this instead; all that it has said."""
        while not self._stops and not re.search(pattern, self._text):
            self._note(self._next_line())
        text, self._text = self._text, ""
        return text + "".join(stop.text for stop in self._stops)

    def settle(self, token, pattern):
        """Waits for the end of a command, done or in error; of one that resumed, for this text."""
        kind, _ = self._result(token)
        if kind == "running":
            self.wait_text(pattern)
        self._text = ""
        self._stops.clear()

    def interrupt(self):
        """Ctrl-C, as the terminal would."""
        os.kill(self.pid, signal.SIGINT)

    def stop_with_ctrl_c(self):
        self.interrupt()
        return self.wait_stop()

    def value(self, expression):
        """As gdb prints it."""
        quoted = expression.replace("\\", "\\\\").replace('"', '\\"')
        return self._run(f'-data-evaluate-expression "{quoted}"')[1]["value"]

    def number(self, expression):
        return int(self.value(expression).split()[0], 0)

    def connect(self, port):
        return self(f"target extended-remote 127.0.0.1:{port}")

    def quit(self):
        """Leaves as `quit` does; the exit code."""
        if self._popen.poll() is None:
            self._send("-gdb-exit")
        return self._end()

    def kill(self):
        self._popen.kill()
        return self._end()

    def _end(self):
        try:
            code = self._popen.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
            raise AssertionError("gdb does not end") from None
        self._reader.join()
        while not self._lines.empty():
            self._log.write((self._lines.get() or "(end)") + "\n")
        self._popen.stdin.close()
        self._popen.stdout.close()
        self._log.close()
        return code

    def is_running(self):
        return self._popen.poll() is None
