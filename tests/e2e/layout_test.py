"""Images of every shape: whatever order, alignment and gaps, flash holds what was sent."""
import image
from board import FLASH, FLASH_SIZE, RAM
from scenario import Scenario, main

SECTOR_ENDS = [0x4000, 0x8000, 0xC000, 0x10000, 0x20000]


class Layout(Scenario):
    def start_blank(self, *options):
        self.start_board()
        self.start_server(*options)
        return self.start_gdb(program=None)

    def start_dirty(self):
        """Everything must be erased."""
        gdb = self.start_blank()
        gdb(f"load {image.write_hex(self.path('old.hex'), [(FLASH, bytes(FLASH_SIZE))])}")
        return gdb

    def load_elf(self, gdb, sections):
        path = image.write_elf(self.path("odd.elf"), sections)
        gdb(f"load {path}")
        gdb(f"file {path}")
        self.assert_all_matched(gdb("compare-sections"))
        gdb("file")
        return {address: data for _, address, data in sections}

    def test_sections_across_sectors_in_odd_order(self):
        gdb = self.start_dirty()
        sections = [(f".s{i}", FLASH + end - 7 - i, image.pattern(15 + 2 * i, i + 1))
                    for i, end in enumerate(SECTOR_ENDS)]
        order = [sections[i] for i in (3, 0, 4, 2, 1)]
        held = self.load_elf(gdb, order)
        wanted = {**held}
        flash = self.board.flash()
        self.assertEqual(flash, image.in_flash(wanted, FLASH_SIZE))

    def test_every_length_and_offset(self):
        gdb = self.start_dirty()
        sections, at = [], FLASH + 1
        for size in range(1, 40):
            sections.append((f".s{size}", at, image.pattern(size, size)))
            at += size + size % 5
        self.assert_flash_holds_after_erase(self.load_elf(gdb, sections[::-1]))

    def assert_flash_holds_after_erase(self, runs):
        """Sector 0 alone was touched; the others still hold zeros."""
        flash = self.board.flash()
        self.assertEqual(flash[:0x4000], image.in_flash(runs, 0x4000))
        self.assertEqual(set(flash[0x4000:]), {0})

    def test_sections_that_touch_within_a_word(self):
        gdb = self.start_blank()
        data = image.pattern(300)
        cuts = [0, 1, 2, 3, 5, 6, 9, 13, 14, 255, 257, 300]
        sections = [(f".s{start}", FLASH + 0x101 + start, data[start:end])
                    for start, end in zip(cuts, cuts[1:])]
        self.load_elf(gdb, sections[::2] + sections[1::2])
        self.assert_flash_holds({FLASH + 0x101: data})

    def test_the_whole_flash(self):
        gdb = self.start_dirty()
        data = image.pattern(FLASH_SIZE)
        gdb(f"load {image.write_hex(self.path('full.hex'), [(FLASH, data)])}")
        self.assert_flash_holds({FLASH: data})

    def test_the_last_byte(self):
        gdb = self.start_blank()
        self.load_elf(gdb, [(".last", FLASH + FLASH_SIZE - 1, b"\x5a")])
        self.assert_flash_holds({FLASH + FLASH_SIZE - 1: b"\x5a"})

    def test_the_first_eight_bytes_alone(self):
        gdb = self.start_dirty()
        self.load_elf(gdb, [(".first", FLASH, image.pattern(8))])
        self.assert_flash_holds_after_erase({FLASH: image.pattern(8)})

    def test_an_image_of_erased_bytes(self):
        gdb = self.start_dirty()
        self.load_elf(gdb, [(".blank", FLASH + 0x4000, b"\xff" * 0x4000)])
        flash = self.board.flash()
        self.assertEqual(set(flash[0x4000:0x8000]), {0xFF})
        self.assertEqual(set(flash[:0x4000]), {0})

    def test_flash_and_ram_in_one_file(self):
        gdb = self.start_blank()
        self.load_elf(gdb, [(".ram", RAM + 0x1001, image.pattern(777, 5)),
                            (".text", FLASH, image.pattern(1234))])
        self.assertEqual(self.board.read(RAM + 0x1001, 777), image.pattern(777, 5))
        self.assert_flash_holds({FLASH: image.pattern(1234)})

    def test_a_binary_by_restore_goes_to_ram_only(self):
        gdb = self.start_blank()
        path = self.path("image.bin")
        with open(path, "wb") as file:
            file.write(image.pattern(5001))
        gdb(f"restore {path} binary {RAM + 3:#x}")
        self.assertEqual(self.board.read(RAM + 3, 5001), image.pattern(5001))
        self.assertIn("flash", gdb.refuses(f"restore {path} binary {FLASH:#x}").lower())
        self.assert_flash_holds({})

    def test_hex_records_in_any_order_and_length(self):
        gdb = self.start_blank()
        data = image.pattern(0x2345)
        pieces = [(FLASH + at, data[at:at + 37]) for at in range(0, len(data), 37)]
        path = image.write_hex(self.path("odd.hex"), pieces[1::2] + pieces[::2], per_line=21)
        gdb(f"load {path}")
        self.assert_flash_holds({FLASH: data})

    def test_too_big_for_the_flash(self):
        gdb = self.start_dirty()
        before, books = self.board.flash(), self.board.books()
        path = image.write_hex(
            self.path("big.hex"), [(FLASH, image.pattern(FLASH_SIZE + 1024))])
        gdb.refuses(f"load {path}")
        self.assertEqual(self.board.flash(), before)
        self.assertEqual(sum(self.books_since(books)["erases"].values()), 0)
        self.assertEqual(gdb.number("1 + 1"), 2)

    def test_outside_the_map(self):
        gdb = self.start_dirty()
        before = self.board.flash()
        path = image.write_elf(
            self.path("outside.elf"), [(".text", FLASH, image.pattern(64)),
                                       (".far", 0x60000000, image.pattern(64))])
        gdb.refuses(f"load {path}")
        self.assertEqual(self.board.flash(), before)

    def test_a_hex_with_a_wrong_checksum(self):
        gdb = self.start_blank()
        path = image.write_hex(self.path("bad.hex"), [(FLASH, image.pattern(64))])
        with open(path, "r+", encoding="ascii") as file:
            text = file.read()
            file.seek(0)
            file.write(text.replace(text[30], "0" if text[30] != "0" else "1", 1))
        gdb.refuses(f"load {path}")
        self.assert_flash_holds({})


if __name__ == "__main__":
    main()
