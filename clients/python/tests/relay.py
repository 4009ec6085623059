"""A cable to the broker that can be cut: bytes are passed on, until an answer is to be lost."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit


class Relay:
    """Listens on a port of its own and passes everything on. TLS goes through untouched."""

    def __init__(self, endpoint: str) -> None:
        place = urlsplit(endpoint)
        assert place.port is not None
        self._target = ("127.0.0.1", place.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"https://localhost:{self._listener.getsockname()[1]}{place.path}"
        self._to_cut = 0
        #: How many answers were lost.
        self.cuts = 0

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def lose_answers(self, count: int) -> None:
        """The next so many answers do not arrive: their connections are closed instead."""
        self._to_cut = count

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            spoken, asked = threading.Event(), threading.Event()
            threading.Thread(target=self._ask, args=(near, far, spoken, asked), daemon=True).start()
            threading.Thread(target=self._answer, args=(near, far, spoken, asked), daemon=True).start()

    def _ask(
        self, near: socket.socket, far: socket.socket, spoken: threading.Event, asked: threading.Event
    ) -> None:
        try:
            while data := near.recv(65536):
                # Once the broker has spoken the client ends the handshake, perhaps together with its first request, and
                # the next thing that the broker says is an answer: it gives no tickets.
                if spoken.is_set() and self._to_cut:
                    asked.set()
                far.sendall(data)
        except OSError:
            pass
        _close(far)

    def _answer(
        self, near: socket.socket, far: socket.socket, spoken: threading.Event, asked: threading.Event
    ) -> None:
        try:
            while data := far.recv(65536):
                spoken.set()
                if asked.is_set():
                    self._to_cut -= 1
                    self.cuts += 1
                    break
                near.sendall(data)
        except OSError:
            pass
        _close(near)
        _close(far)


def _close(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
