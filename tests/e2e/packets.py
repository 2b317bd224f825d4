"""A client without manners: raw bytes to the server's port, and the packets that come back."""
import socket
import struct

from process import PATIENCE_S


def frame(payload):
    data = payload.encode("latin-1") if isinstance(payload, str) else payload
    return b"$" + data + b"#%02x" % (sum(data) & 0xFF)


class Client:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", int(port)), PATIENCE_S)
        self._socket.settimeout(PATIENCE_S)
        self._buffer = b""

    def close(self):
        self._socket.close()

    def reset(self):
        """Goes as a process that is killed with unread data does: with a TCP reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def byte(self):
        """The next byte, or b"" when the server has hung up."""
        if not self._buffer:
            try:
                self._buffer = self._socket.recv(65536)
            except ConnectionResetError:
                return b""
        byte, self._buffer = self._buffer[:1], self._buffer[1:]
        return byte

    def packet(self):
        """The next packet's payload, acknowledged; acknowledgements before it are skipped."""
        byte = self.byte()
        while byte in (b"+", b"-"):
            byte = self.byte()
        assert byte == b"$", f"no packet but {byte}"
        payload = b""
        while (byte := self.byte()) != b"#":
            assert byte, "the server hung up within a packet"
            payload += byte
        checksum = int(self.byte() + self.byte(), 16)
        assert checksum == sum(payload) & 0xFF, "the server's checksum is wrong"
        self.send(b"+")
        return payload.decode("latin-1")

    def ask(self, payload):
        """One packet and its reply."""
        self.send(frame(payload))
        return self.packet()

    def ask_all(self, payload):
        """The same with the console output before the reply, as (text, reply)."""
        self.send(frame(payload))
        text = ""
        while (reply := self.packet()).startswith("O") and reply != "OK":
            text += bytes.fromhex(reply[1:]).decode("latin-1")
        return text, reply

    def monitor(self, line):
        return self.ask_all("qRcmd," + line.encode().hex())
