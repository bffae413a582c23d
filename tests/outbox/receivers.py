"""Other systems that hear of things: real servers on this machine, each with its own temper."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANGS_S = 30
"""For how long one that hangs says nothing, unless it is let go before."""


@dataclass
class Receiver:
    """``status`` is what it answers; ``heard`` are the requests that reached it: path, headers, body."""

    address: str = ""
    status: int = 200
    answer: bytes = b"thank you"
    headers: dict[str, str] = field(default_factory=dict)
    hangs: threading.Event | None = None
    dribbles: bool = False
    heard: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextlib.contextmanager
def receiver(**temper: Any) -> Iterator[Receiver]:
    """A server that listens until the block ends."""
    it = Receiver(**temper)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            it.heard.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if it.hangs is not None:
                it.hangs.wait(HANGS_S)
                return
            with contextlib.suppress(OSError):
                if it.dribbles:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                    while not over.wait(0.05):
                        self.wfile.write(b"a")
                        self.wfile.flush()
                    return
                self.send_response(it.status)
                for name, value in {"Content-Length": str(len(it.answer)), **it.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(it.answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    it.address = f"http://127.0.0.1:{server.server_port}/promises"
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    running.start()
    try:
        yield it
    finally:
        over.set()
        if it.hangs is not None:
            it.hangs.set()
        server.shutdown()
        running.join()
        server.server_close()
