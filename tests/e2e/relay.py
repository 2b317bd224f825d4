"""The slow middle of a TCP connection: passes bytes on after a delay, and counts round trips.

For what has no netem, and for the way between server and probe. Each way keeps its order, and any
number of pieces is on the way at a time, as on a long wire.
"""
import queue
import socket
import threading
import time

PIECE = 65536


def _take(source, pieces, delay_s, note):
    data = True
    while data:
        try:
            data = source.recv(PIECE)
        except OSError:
            data = b""
        if data:
            note()
        pieces.put((time.monotonic() + delay_s, data))


def _give(drain, pieces):
    data = True
    while data:
        due, data = pieces.get()
        time.sleep(max(0, due - time.monotonic()))
        try:
            if data:
                drain.sendall(data)
            else:
                drain.shutdown(socket.SHUT_WR)
        except OSError:
            return


class Relay:
    """Serves a port of its own for the one given, until close()."""

    def __init__(self, port, delay_s):
        self._far_port, self._delay_s = int(port), delay_s
        self._lock, self._clients_turn = threading.Lock(), True
        self.turns = 0  # how often the client said something behind something of the server's
        self._sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self._sockets[0].getsockname()[1]
        self._start(self._accept)

    @staticmethod
    def _start(target, *arguments):
        threading.Thread(target=target, args=arguments, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._sockets[0].accept()
                far = socket.create_connection(("127.0.0.1", self._far_port))
            except OSError:
                return
            self._sockets += [near, far]
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connect(near, far, self._note_client)
            self._connect(far, near, self._note_server)

    def _connect(self, source, drain, note):
        pieces = queue.Queue()
        self._start(_take, source, pieces, self._delay_s, note)
        self._start(_give, drain, pieces)

    def _note_client(self):
        with self._lock:
            self.turns += self._clients_turn
            self._clients_turn = False

    def _note_server(self):
        with self._lock:
            self._clients_turn = True

    def close(self):
        for each in self._sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # its far end has gone before
            each.close()
