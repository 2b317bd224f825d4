"""What no gdb sends: malformed, unknown, cut and endless packets. Each gets an answer, and the next
client is served as ever."""
from packets import frame
from scenario import Scenario, main

# Wrong in length, number or form; each must be an error, never a crash and never "OK".
MALFORMED = [
    "m", "m20000000", "m,4", "m20000000,", "m20000000;4", "m2000000000,4", "mzz,4", "m20000000,4x",
    "m20000000,0", "mffffffff,2",
    "M20000000,4", "M20000000,4:00", "M20000000,4:0000000000", "M20000000,4:zzzzzzzz",
    "M20000000,2:000", "X20000000,4:abc", "X20000000,4:abcde", "X20000000,4",
    "p", "pzz", "pffff", "P0", "P0=", "P0=00", "P0=0000000000", "P0=zzzzzzzz", "Pffff=00000000",
    "G", "G00", "Gzz", "Z1,", "Z1,zz,2", "Z1,8000000", "z1,8000000", "Z1,8000000,2x",
    "vCont;", "vCont;q", "vCont;C", "vCont;r1", "vCont;r1,", "vCont;c:zz",
    "vFlashErase:", "vFlashErase:8000000", "vFlashErase:8000000,", "vFlashErase:zz,4000",
    "vFlashWrite:", "vFlashWrite:zz:ab", "vFlashWrite:8000000",
    "qCRC:", "qCRC:20000000", "qCRC:20000000,zz", "qXfer:features:read:target.xml",
    "qXfer:features:read:target.xml:0", "qXfer:features:read:nosuch.xml:0,100",
    "qXfer:memory-map:read::zz,100", "qRcmd,6", "qRcmd,zz", "vAttach;", "Hx",
    "T", "Tzz", "czz", "szz", "Czz",
]
UNKNOWN = ["", "a", "vNothing", "vRunx", "Z1", "qNothing", "QNothing", "Z9,0,0", "qTStatus",
           "vMustReplyEmpty", "\x7f\x01", "J", "qSearch:nothing:0;1;a"]


class Packets(Scenario):
    def start_client(self):
        self.start_board(flashed=True)
        self.start_server()
        client = self.client()
        self.assertRegex(client.ask("?"), "^T05")
        return client

    def assert_serves_on(self):
        client = self.client()
        self.assertRegex(client.ask("qSupported:multiprocess+"), "PacketSize=")
        self.assertEqual(client.ask("qC"), "QC1")
        client.close()

    def test_malformed_packets_are_errors(self):
        client = self.start_client()
        flash, books = self.board.flash(), self.board.books()
        wrong = {}
        for payload in MALFORMED:
            reply = client.ask_all(payload)[1]
            if not reply.startswith("E"):
                wrong[payload] = reply
        self.assertEqual(wrong, {})
        self.assertEqual(self.board.flash(), flash)
        self.assertEqual(self.books_since(books)["resets"], 0)
        self.assertTrue(self.board.is_halted())
        self.assert_serves_on()

    def test_unknown_packets_get_the_empty_reply(self):
        client = self.start_client()
        self.assertEqual({payload: client.ask(payload) for payload in UNKNOWN},
                         {payload: "" for payload in UNKNOWN})
        self.assert_serves_on()

    def test_a_wrong_checksum_is_refused_and_the_repeat_served(self):
        client = self.start_client()
        client.send(b"$qC#00")
        self.assertEqual(client.byte(), b"-")
        client.send(frame("qC"))
        self.assertEqual(client.byte(), b"+")
        self.assertEqual(client.packet(), "QC1")

    def test_a_reply_that_is_not_acknowledged_is_sent_again(self):
        client = self.start_client()
        client.send(frame("qC"))
        self.assertEqual(client.byte(), b"+")
        first = b"".join(client.byte() for _ in range(7))
        client.send(b"-")
        self.assertEqual(b"".join(client.byte() for _ in range(7)), first)
        client.send(b"+")
        self.assertEqual(client.ask("qC"), "QC1")

    def test_bytes_between_packets_are_skipped(self):
        client = self.start_client()
        client.send(b"garbage\x00\xff+-+" + frame("qC"))
        self.assertEqual(client.packet(), "QC1")

    def test_a_packet_byte_by_byte(self):
        client = self.start_client()
        for byte in frame("m8000000,4"):
            client.send(bytes([byte]))
        self.assertRegex(client.packet(), "^[0-9a-f]{8}$")

    def test_a_packet_that_never_ends(self):
        client = self.start_client()
        try:
            for _ in range(64):
                client.send(b"$" + b"a" * 65536)
        except OSError:
            pass  # it may hang up on this client
        self.assert_serves_on()

    def test_hanging_up_within_anything(self):
        self.start_client()
        for start in (b"$", b"$m2000", b"$m20000000,4#", b"$m20000000,4#1", frame("m20000000,4"),
                      frame("c"), frame("vFlashErase:8000000,4000"), b"\x03", b"+"):
            client = self.client()
            client.send(start)
            client.close()
        self.assert_serves_on()

    def test_a_flood_of_packets_without_reading(self):
        client = self.start_client()
        try:
            client.send(frame("m20000000,1000") * 20000)
        except OSError:
            pass  # cut off
        self.assert_serves_on()

    def test_interrupts_without_a_program_that_runs(self):
        client = self.start_client()
        client.send(b"\x03\x03\x03")
        self.assertEqual(client.ask("qC"), "QC1")

    def test_a_flash_job_of_nothing(self):
        client = self.start_client()
        flash = self.board.flash()
        self.assertEqual(client.ask("vFlashDone"), "OK")
        self.assertEqual(self.board.flash(), flash)

    def test_flash_packets_outside_flash(self):
        client = self.start_client()
        for payload in ("vFlashErase:20000000,4000", "vFlashErase:8040000,4000",
                        "vFlashErase:803c000,8000", "vFlashErase:8000000,ffffffff",
                        "vFlashWrite:20000000:abcd", "vFlashWrite:803ffff:ab",
                        "vFlashWrite:7ffffff:ab"):
            self.assertRegex(client.ask(payload), "^E", payload)
        self.assert_serves_on()

    def test_writing_flash_without_an_erase(self):
        client = self.start_client()
        flash = self.board.flash()
        # What is there would need ones out of zeros.
        self.assertEqual(client.ask(b"vFlashWrite:8000000:\xff\xff\xff\xff\xff\xff\xff\xff"), "OK")
        self.assertRegex(client.ask("vFlashDone"), "^E")
        self.assertEqual(self.board.flash(), flash)
        # Blank flash takes it.
        self.assertEqual(client.ask("vFlashWrite:8030001:abc"), "OK")
        self.assertEqual(client.ask("vFlashDone"), "OK")
        self.assertEqual(self.board.flash()[0x30000:0x30005], b"\xffabc\xff")

    def test_a_wrong_crc_range(self):
        client = self.start_client()
        self.assertRegex(client.ask("qCRC:60000000,100"), "^E")
        self.assertRegex(client.ask("qCRC:ffffff00,200"), "^E")
        self.assertRegex(client.ask("qCRC:8000000,100"), "^C[0-9a-f]{8}$")


if __name__ == "__main__":
    main()
