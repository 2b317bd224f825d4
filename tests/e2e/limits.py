"""Wall clock, processor and memory of the real thing in real time; run by tests/limits.sh."""
import time

import image
from board import FLASH, FLASH_SIZE, RAM, RAM_SIZE
from killing import Killing
from relay import Relay
from scenario import main

MARGIN = 3
LOAD_LIMIT_S = 3.0
RAM_LIMIT_S = 1.05 * 0.394684  # memory_test.py has the sum
IDLE_LIMIT, RUNNING_LIMIT = 0.01, 0.03  # of one processor
RESIDENT_LIMIT_KB = 16 * 1024
WATCHED_S = 6
ONE_WAY_S, REMOTE_RATIO, ROUNDS = 0.010, 1.5, 3
KILLS, KILLS_BEFORE = 1000, 60
JOURNALS_KB = 2 * 4096  # kept for a bug report; the machine gives them when they are written
LEAK_LIMIT_KB = JOURNALS_KB + 256


def processor_s(pid):
    """The time that all threads of a process have had: clock_getcpuclockid(3)."""
    return time.clock_gettime(~pid << 3 | 2)


def resident_kb(pid):
    """(now, at most so far)"""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return tuple(int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))


class Limits(Killing):
    def assert_within(self, what, measured, limit, unit):
        print(f"   {what}: {measured:.4g} {unit}, at most {limit:.4g} {unit}", flush=True)
        self.assertLessEqual(measured, limit, what)

    def start_real(self):
        self.start_board("--pace", "real")
        self.start_server()
        gdb = self.start_gdb()
        gdb(f"load {image.FLIGHT_HEX}")
        return gdb

    def wall_s(self, gdb, command):
        start = time.monotonic()
        gdb(command)
        return time.monotonic() - start

    def assert_cost(self, what, limit):
        pid = self.server.pid
        before, start = processor_s(pid), time.monotonic()
        time.sleep(WATCHED_S)
        share = (processor_s(pid) - before) / (time.monotonic() - start)
        self.assert_within(f"processor, {what}", 100 * share, 100 * limit, "%")

    def test_time(self):
        gdb = self.start_real()
        gdb(f"load {image.write_hex(self.path('other.hex'), [(FLASH, bytes(FLASH_SIZE))])}")
        self.assert_within("load of the HEX over other contents",
                           self.wall_s(gdb, f"load {image.FLIGHT_HEX}"), MARGIN * LOAD_LIMIT_S, "s")
        dump = f"dump binary memory {self.path('ram.bin')} {RAM:#x} {RAM + RAM_SIZE:#x}"
        self.assert_within(
            "read of 64 KiB of RAM", self.wall_s(gdb, dump), MARGIN * RAM_LIMIT_S, "s")

    def load_s(self, port, rounds=ROUNDS):
        """The least of a few loads over other contents: what else the machine does only adds."""
        gdb, seconds = self.start_gdb(connect=False), []
        gdb.connect(port)
        other = image.write_hex(self.path("other.hex"), [(FLASH, bytes(FLASH_SIZE // 2))])
        for _ in range(rounds):
            gdb(f"load {other}")
            seconds.append(self.wall_s(gdb, "load"))
        gdb("detach")
        gdb.quit()
        return min(seconds)

    def test_remote(self):
        self.start_board("--pace", "real")
        self.start_server()
        relay = Relay(self.server.port, ONE_WAY_S)
        self.addCleanup(relay.close)
        near_s = self.load_s(self.server.port)
        self.assert_within(
            "load through a relay that adds 20 ms a round trip, as a share of one without",
            self.load_s(relay.port) / near_s, REMOTE_RATIO, "")

    def test_remote_probe(self):
        self.start_board("--pace", "real")
        relay = Relay(self.board.port, ONE_WAY_S)
        self.addCleanup(relay.close)
        self.start_server("--probe", f"usbip:127.0.0.1:{relay.port}/1-1")
        seconds = self.load_s(self.server.port, 1)
        self.assert_within("load with 20 ms a round trip between server and probe", seconds,
                           MARGIN * (LOAD_LIMIT_S + 2 * ONE_WAY_S * relay.turns), "s")

    def test_processor(self):
        gdb = self.start_real()
        self.assert_cost("gdb connected and the core halted", IDLE_LIMIT)
        gdb("break fault_stop")
        self.resume(gdb)
        self.assert_cost("gdb connected and the core running", RUNNING_LIMIT)
        gdb.stop_with_ctrl_c()
        gdb.quit()
        self.server.wait_for("client 1 is gone")
        self.assert_cost("no client", IDLE_LIMIT)

    def test_memory(self):
        gdb = self.start_real()
        gdb(f"load {image.write_hex(self.path('full.hex'), [(FLASH, image.pattern(FLASH_SIZE))])}")
        gdb(f"dump binary memory {self.path('ram.bin')} {RAM:#x} {RAM + RAM_SIZE:#x}")
        now, most = resident_kb(self.server.pid)
        self.assert_within("resident after loads of all flash", now, RESIDENT_LIMIT_KB, "KiB")
        self.assert_within("resident at the height of that", most, RESIDENT_LIMIT_KB, "KiB")

    def test_gdb_is_killed_1000_times(self):
        self.start_with_settings()
        before = self.holdings()
        self.kill_gdbs(KILLS_BEFORE)  # what is taken once and kept is no leak
        resident = resident_kb(self.server.pid)[0]
        self.kill_gdbs(KILLS - KILLS_BEFORE)
        self.wait_for_holdings(before)
        self.assert_within(f"resident after {KILLS} killed gdbs, more than after {KILLS_BEFORE}",
                           resident_kb(self.server.pid)[0] - resident, LEAK_LIMIT_KB, "KiB")


if __name__ == "__main__":
    main()
