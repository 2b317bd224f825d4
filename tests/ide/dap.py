"""A client of the Debug Adapter Protocol over an adapter's stdin and stdout, as an IDE is one.

Specification: microsoft.github.io/debug-adapter-protocol, version 1.68. Used by adapter_test.py.
"""
import json
import os
import queue
import signal
import subprocess
import threading

from process import PATIENCE_S, die_with_parent, environment


class Refused(Exception):
    """The adapter answered a request with an error; the message is the adapter's."""


class Adapter:
    """One adapter process. `path`: a folder in which it finds the servers, before all others."""

    def __init__(self, folder, arguments, path):
        self._log = open(os.path.join(folder, "adapter.log"), "a", encoding="utf-8")
        self._errors = open(os.path.join(folder, "adapter.err"), "ab")
        self._popen = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            env=dict(environment(), PATH=path + os.pathsep + os.environ["PATH"]),
            preexec_fn=die_with_parent, start_new_session=True)
        self._messages = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._events, self._responses = [], {}
        self._count = 0
        self.output = ""

    # ---- messages ----

    def _read(self):
        stream = self._popen.stdout
        while header := stream.readline():
            length = int(header.split(b":")[1])
            assert stream.readline() == b"\r\n", "the adapter sends a header that is none"
            self._messages.put(json.loads(stream.read(length)))
        self._messages.put(None)

    def _next(self):
        try:
            message = self._messages.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise AssertionError(f"the adapter said nothing for {PATIENCE_S} s") from None
        if message is None:
            raise AssertionError("the adapter has ended")
        self._log.write(f"< {json.dumps(message)}\n")
        self._log.flush()
        if message["type"] == "event" and message["event"] == "output":
            self.output += message["body"]["output"]
        return message

    def send(self, command, **arguments):
        """Sends a request, and returns its number for wait_response()."""
        self._count += 1
        body = json.dumps({"seq": self._count, "type": "request", "command": command,
                           "arguments": arguments}).encode()
        self._log.write(f"> {body.decode()}\n")
        self._popen.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._popen.stdin.flush()
        return self._count

    def wait_response(self, number):
        """The body of the answer to a request."""
        while number not in self._responses:
            self._note(self._next())
        message = self._responses.pop(number)
        if not message["success"]:
            raise Refused(message.get("message"))
        return message.get("body", {})

    def _note(self, message):
        if message["type"] == "event":
            self._events.append(message)
        else:
            self._responses[message["request_seq"]] = message

    def __call__(self, command, **arguments):
        """One request and the body of its answer."""
        return self.wait_response(self.send(command, **arguments))

    def wait_event(self, name):
        """The body of the first event of this name that nobody has waited for."""
        while True:
            for message in self._events:
                if message["event"] == name:
                    self._events.remove(message)
                    return message.get("body", {})
            self._note(self._next())

    # ---- ending ----

    def end(self):
        """Closes its stdin, as an IDE that goes; the exit code."""
        self._popen.stdin.close()
        try:
            code = self._popen.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the adapter does not end") from None
        self._close()
        return code

    def kill(self):
        """With all that it has started, as the end of a failed test."""
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
            self._popen.stdin.close()
            self._close()

    def _close(self):
        self._reader.join()
        self._popen.stdout.close()
        self._log.close()
        self._errors.close()
