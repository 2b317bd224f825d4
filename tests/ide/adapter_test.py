"""The debug adapter of Eclipse CDT, cdt-gdb-adapter, driven as VS Code drives it: it starts the server
and two gdbs by the launch.json of settings/vscode, and everything that an IDE shows is asked for.

The adapter is installed by CMakeLists.txt into the build folder, which IDE_ADAPTER names.
"""
import base64
import json
import os

import image
from dap import Adapter
from ide import SETTINGS, IdeScenario
from process import wait_until
from scenario import main

SESSIONS = 20
PRACTICE = "tests/firmware/flight/practice.c"
FACTORIAL_10 = 3628800
RAM_START, SPARE = 0x20000000, 0x2000FF00


def line_of(text, path=PRACTICE):
    """Number of the first line of a source that has this in it."""
    with open(os.path.join(os.path.dirname(image.TESTS), path), encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


class AdapterSession(IdeScenario):
    def launch_settings(self):
        with open(os.path.join(SETTINGS, "vscode/launch.json"), encoding="utf-8") as file:
            configurations = json.load(file)["configurations"]
        settings = self.in_workspace(
            next(found for found in configurations if found["type"] == "gdbtarget"))
        settings["target"]["serverParameters"] += self.probe()
        return settings

    def start_adapter(self):
        script = os.path.join(os.environ["IDE_ADAPTER"], "dist/debugTargetAdapter.js")
        self.adapter = Adapter(self.folder, ["node", script], self.path("bin"))
        self.addCleanup(self.adapter.kill)
        self.adapter("initialize", adapterID="gdbtarget", clientID="test",
                     linesStartAt1=True, columnsStartAt1=True, pathFormat="path")

    def launch(self, breakpoints):
        """From F5 to the first of these breakpoints; the adapter lets the program go by itself."""
        launched = self.adapter.send("launch", **self.launch_settings())
        self.adapter.wait_event("initialized")
        self.set_breakpoints(breakpoints)
        self.adapter("configurationDone")
        self.adapter.wait_response(launched)
        self.wait_stop()
        self.thread = self.adapter("threads")["threads"][0]["id"]

    def set_breakpoints(self, lines):
        answer = self.adapter("setBreakpoints", source={"path": self.path(PRACTICE)},
                              breakpoints=[{"line": line} for line in lines])
        self.assertTrue(all(found["verified"] for found in answer["breakpoints"]), answer)

    def step(self, command):
        """Resumes by a request, waits for the stop, and gives the frames."""
        self.adapter(command, threadId=self.thread)
        self.wait_stop()
        return self.frames()

    def wait_stop(self):
        self.reason = self.adapter.wait_event("stopped")["reason"]

    def frames(self):
        self.stack = self.adapter("stackTrace", threadId=self.thread)["stackFrames"]
        return [(frame["name"], frame.get("line")) for frame in self.stack]

    def scope(self, name):
        """{variable: value} of the innermost frame's scope."""
        scopes = self.adapter("scopes", frameId=self.stack[0]["id"])["scopes"]
        reference = next(found["variablesReference"] for found in scopes if found["name"] == name)
        found = self.adapter("variables", variablesReference=reference)["variables"]
        return {variable["name"]: variable["value"] for variable in found}

    def value(self, expression):
        frame = {"frameId": self.stack[0]["id"]} if self.stack else {}
        return self.adapter("evaluate", expression=expression, context="watch", **frame)["result"]

    def memory(self, address, count):
        answer = self.adapter("readMemory", memoryReference=address, count=count)
        return base64.b64decode(answer["data"])

    # ---- what a developer does ----

    def stop_in_practice(self):
        """Into a call from the breakpoint, out of it, over a line."""
        first = line_of("practice.factorial = ")
        self.assertEqual(self.frames()[0], ("practice_round", first))
        self.assertIn("breakpoint", self.reason)
        self.assertEqual([name for name, _ in self.frames()], ["practice_round", "background",
                                                              "main"])
        self.assertEqual(self.step("stepIn")[0][0], "factorial")
        self.assertEqual(self.scope("Local")["n"], "10")
        self.assertEqual(self.step("stepOut")[0], ("practice_round", first))
        self.assertEqual(self.step("next")[0], ("practice_round", first + 1))
        self.assertEqual(self.value("practice.factorial"), str(FACTORIAL_10))

    def look_at_values(self):
        registers = self.scope("Registers")
        pc = int(registers["pc"], 0)
        self.assertEqual(pc, int(self.stack[0]["instructionPointerReference"], 0))
        self.assertEqual(int(registers["sp"], 0) >> 16, RAM_START >> 16)
        self.assertEqual(self.value("tim4.ccr[1]"), str(self.board.register(0x40000838)))
        self.assertEqual(self.memory("&practice.factorial", 4), FACTORIAL_10.to_bytes(4, "little"))
        pattern = os.urandom(64)
        self.adapter("writeMemory", memoryReference=hex(SPARE),
                     data=base64.b64encode(pattern).decode())
        self.assertEqual(self.memory(hex(SPARE), 64), pattern)
        self.assertEqual(self.board.read(SPARE, 64), pattern)

    def look_while_it_flies(self):
        """The auxiliary gdb: values of a running program, which must not notice."""
        self.set_breakpoints([])
        self.adapter("continue", threadId=self.thread)
        self.stack = []
        wait_until("the core to run", lambda: not self.board.is_halted())
        seen = int(self.value("ticks"))
        self.board.run(20)
        self.assertGreaterEqual(int(self.value("ticks")), seen + 20)
        self.assertEqual(self.memory("0x08000000", 256), self.board.read(0x08000000, 256))
        self.assertFalse(self.board.is_halted())
        self.adapter("pause", threadId=self.thread)
        self.adapter.wait_event("stopped")
        self.assertTrue(self.board.is_halted())

    def restart(self):
        """The IDE's reset button: the program begins again."""
        self.adapter("cdt-gdb-adapter/customReset")
        self.assertEqual(self.frames()[0][0], "reset_handler")
        self.set_breakpoints([line_of("practice.rounds++")])
        self.assertEqual(self.step("continue")[0][0], "practice_round")
        self.assertEqual(self.value("practice.rounds"), "0")

    def end_session(self, request):
        """Stop, or disconnect: gdbs and server go, the board flies."""
        self.adapter(request)
        if request == "terminate":
            self.adapter.wait_event("terminated")
        self.adapter.end()
        self.assertIn("gdbserver exited with code 0", self.adapter.output)
        self.assert_only_the_board_runs()
        self.assert_board_is_clean()

    def test_twenty_sessions_in_a_row(self):
        self.start_found_board()
        for session in range(SESSIONS):
            with self.subTest(session=session):
                self.start_adapter()
                self.launch([line_of("practice.factorial = ")])
                self.stop_in_practice()
                self.look_at_values()
                self.look_while_it_flies()
                self.restart()
                self.end_session(("terminate", "disconnect")[session % 2])


if __name__ == "__main__":
    main()
