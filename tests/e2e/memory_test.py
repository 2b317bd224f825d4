"""Memory: gdb reads what the board holds, what it writes arrives, in the width it was asked."""
import image
from board import FLASH, RAM, RAM_SIZE
from scenario import Scenario, flight_symbol, main

SCRATCH = RAM + 0xA000  # between the firmware's data and its main stack
TIM4_CNT = 0x40000824
TIM4_CCR1 = 0x40000834
GPIOB_ODR = 0x40020414
SYSTEM_MEMORY, OTP, UNIQUE_ID = 0x1FFF0000, 0x1FFF7800, 0x1FFF7A10
NOWHERE = 0x60000000


class Memory(Scenario):
    def start_halted(self):
        gdb = self.start_all()
        gdb("monitor reset halt")
        return gdb

    def test_every_size_at_every_offset(self):
        gdb = self.start_halted()
        for size in list(range(1, 18)) + [63, 64, 65, 255, 256, 257, 1023, 1025, 4099]:
            for offset in range(4):
                data = image.pattern(size, size * 4 + offset)
                at = SCRATCH + offset
                before, after = self.board.read(at - 8, 8), self.board.read(at + size, 8)
                path = self.path("data.bin")
                with open(path, "wb") as file:
                    file.write(data)
                gdb(f"restore {path} binary {at:#x}")
                self.assertEqual(self.board.read(at, size), data)
                self.assertEqual(self.board.read(at - 8, 8), before)
                self.assertEqual(self.board.read(at + size, 8), after)
                gdb(f"dump binary memory {path} {at:#x} {at + size:#x}")
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), data)

    def test_types_of_c(self):
        gdb = self.start_halted()
        gdb(f"set {{char}}{SCRATCH:#x} = 0x5a")
        gdb(f"set {{short}}{SCRATCH + 2:#x} = 0x1234")
        gdb(f"set {{int}}{SCRATCH + 4:#x} = 0x89abcdef")
        gdb(f"set {{long long}}{SCRATCH + 8:#x} = 0x1122334455667788")
        gdb(f"set {{float}}{SCRATCH + 16:#x} = 1.5")
        held = self.board.read(SCRATCH, 20)
        self.assertEqual(held[0], 0x5A)
        self.assertEqual(held[2:], bytes.fromhex("3412efcdab8988776655443322110000c03f"))
        self.assertIn("0x89abcdef", gdb(f"x/wx {SCRATCH + 4:#x}"))
        self.assertIn("0x1234", gdb(f"x/hx {SCRATCH + 2:#x}"))
        self.assertIn("0x1122334455667788", gdb(f"x/gx {SCRATCH + 8:#x}"))

    def test_all_of_ram_comes_and_goes(self):
        gdb = self.start_halted()
        path, back = self.path("ram.bin"), self.path("back.bin")
        data = image.pattern(RAM_SIZE)
        with open(path, "wb") as file:
            file.write(data)
        gdb(f"restore {path} binary {RAM:#x}")
        self.assertEqual(self.board.read(RAM, RAM_SIZE), data)
        gdb(f"dump binary memory {back} {RAM:#x} {RAM + RAM_SIZE:#x}")
        with open(back, "rb") as file:
            self.assertEqual(file.read(), data)

    def test_64_kb_of_ram_cost_the_fewest_commands(self):
        # Eleven reads of at most 6,144 bytes and a status each; 1.05 x what these must take.
        gdb = self.start_halted()
        before = self.board.books()
        gdb(f"dump binary memory {self.path('ram.bin')} {RAM:#x} {RAM + RAM_SIZE:#x}")
        spent = self.books_since(before)
        reads = -(-RAM_SIZE // 6144)
        # The board's time model: 125 us + 1 us per byte for a USB transfer, 60 us for a command, 46
        # clocks of 2,360 kHz for a word on SWD and two more words to begin each 1 KiB.
        self.assertLessEqual(spent["commands"]["READMEM_32BIT"], reads + 1)
        usb_us = reads * (2 * (125 + 16) + 125 + 125 + 12) + RAM_SIZE
        swd_us = (RAM_SIZE // 4 + 2 * RAM_SIZE // 1024) * 46 / 2.36
        least_us = usb_us + 2 * reads * 60 + swd_us
        self.assertLessEqual((spent["time_ns"] - spent["idle_ns"]) / 1000, 1.05 * least_us)

    def test_flash_and_the_fixed_memories(self):
        gdb = self.start_halted()
        self.assertEqual(gdb.number("*(unsigned*)0x08000000"), self.board.read_word(FLASH))
        self.assertEqual(gdb.number("*(unsigned*)0"), self.board.read_word(FLASH), "boot alias")
        for address in (SYSTEM_MEMORY, OTP, UNIQUE_ID):
            self.assertEqual(gdb.number(f"*(unsigned*){address:#x}"), self.board.register(address))

    def test_peripherals(self):
        gdb = self.start_halted()
        gdb("tbreak practice_round")
        gdb.go("continue")
        for i in range(4):
            self.assertEqual(
                gdb.number(f"tim4.ccr[{i}]"), self.board.register(TIM4_CCR1 + 4 * i))
        gdb("set var tim4.ccr[2] = 4321")
        self.assertEqual(self.board.register(TIM4_CCR1 + 8), 4321)
        gdb(f"set {{unsigned}}{GPIOB_ODR:#x} = 0x0102")
        self.assertEqual(self.board.register(GPIOB_ODR), 0x0102)
        self.assertEqual(gdb.number("gpiob.odr"), 0x0102)
        first, second = gdb.number("tim4.cnt"), 0
        self.board.run(1)
        second = gdb.number("*(unsigned*)&tim4.cnt")
        self.assertNotEqual(first, second, "a peripheral came out of a cache")

    def test_an_address_outside_the_map(self):
        gdb = self.start_halted()
        self.assertIn("Cannot access memory", gdb.refuses(f"x/wx {NOWHERE:#x}"))
        self.assertIn("Cannot access memory", gdb.refuses(f"set {{int}}{NOWHERE:#x} = 1"))
        self.assertEqual(gdb.number("1 + 1"), 2)
        client = self.client()
        self.assertRegex(client.ask(f"m{NOWHERE:x},4"), r"^E[0-9a-f]{2}$")
        self.assertRegex(client.ask(f"M{NOWHERE:x},4:00000000"), r"^E[0-9a-f]{2}$")
        self.assertRegex(client.ask("mfffffffc,8"), r"^E[0-9a-f]{2}$")

    def test_a_read_over_the_end_of_ram_gives_what_there_is(self):
        self.start_all()
        client = self.client()
        self.assertEqual(len(client.ask(f"m{RAM + RAM_SIZE - 16:x},40")), 32)

    def test_flash_is_no_ram(self):
        gdb = self.start_halted()
        before, books = self.board.flash(), self.board.books()
        self.assertIn("flash", gdb.refuses("set {int}0x08000100 = 1").lower())
        path = self.path("data.bin")
        with open(path, "wb") as file:
            file.write(bytes(16))
        self.assertIn("flash", gdb.refuses(f"restore {path} binary 0x08000100").lower())
        client = self.client()
        self.assertRegex(client.ask("M8000100,4:01000000"), r"^E")
        self.assertRegex(client.ask(frame_write(0x08000100, b"\x01\x00\x00\x00")), r"^E")
        self.assertEqual(self.board.flash(), before)
        spent = self.books_since(books)
        self.assertEqual(spent["flash_errors"], 0)
        self.assertEqual(sum(spent["programmed"].values()), 0)

    def test_memory_of_a_running_core(self):
        gdb = self.start_all()
        self.resume(gdb)
        observer, ticks = self.client(), flight_symbol("ticks")

        def read_ticks():
            return int.from_bytes(bytes.fromhex(observer.ask(f"m{ticks:x},4")), "little")
        first = read_ticks()
        self.board.run(30)
        self.assertGreaterEqual(read_ticks(), first + 30)
        held = self.board.read(SCRATCH, 2)
        self.assertNotEqual(held, b"\xa5\x5a")
        self.assertRegex(observer.ask(f"M{SCRATCH:x},2:a55a"), r"^E")  # writing is the controller's
        self.assertEqual(self.board.read(SCRATCH, 2), held)
        self.assertFalse(self.board.is_halted())
        gdb.stop_with_ctrl_c()


def frame_write(address, data):
    return f"X{address:x},{len(data):x}:".encode() + data


if __name__ == "__main__":
    main()
