"""One POST to another system: no redirect followed, an end to all waiting, little read of the answer."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from ssl import create_default_context
from threading import Event, Timer

from promises.outbox.addresses import checked, reach
from promises.refusal import Refusal

CONNECT_S = 5
WHOLE_S = 15
"""After so long a try is over, however busily the other side dribbles."""
KEPT_CHARACTERS = 500


@dataclass(frozen=True)
class Answer:
    """What became of one try: the status, the beginning of the answer, or the fault that kept it away."""

    status: int | None
    text: str = ""
    fault: str = ""

    @property
    def confirmed(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(
    address: str, body: bytes, headers: Mapping[str, str], *, private: bool, whole_s: float = WHOLE_S
) -> Answer:
    """Send *body*; what came back. Never raises for anything that the other side does."""
    try:
        parts = checked(address, private=private)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        where = reach(parts.hostname or "", port, private=private)
    except (OSError, Refusal, UnicodeError) as fault:
        return Answer(None, fault=_named(fault))
    kind = _Secure if parts.scheme == "https" else _Plain
    connection = kind(parts.hostname or "", port, where, timeout=min(CONNECT_S, whole_s))
    over = Event()
    end = Timer(whole_s, _cut, [connection, over])
    end.daemon = True
    end.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        text = response.read(4 * KEPT_CHARACTERS).decode("utf-8", "replace").replace("\x00", "")
        if over.is_set():
            raise TimeoutError  # what was cut can look whole
        return Answer(response.status, text=text[:KEPT_CHARACTERS])
    except (OSError, HTTPException, ValueError, AttributeError) as fault:
        # A connection that was cut in the midst of reading has no socket left to read from.
        late = TimeoutError(f"no answer within {whole_s:g} s") if over.is_set() else fault
        return Answer(None, fault=_named(late))
    finally:
        end.cancel()
        connection.close()


class _Plain(HTTPConnection):
    """HTTP to a numeric address under its name."""

    def __init__(self, host: str, port: int, where: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._where = where

    def connect(self) -> None:
        self.sock = socket.create_connection((self._where, self.port), self.timeout)


class _Secure(_Plain):
    """HTTPS to a numeric address; the certificate must be the name's."""

    def connect(self) -> None:
        super().connect()
        # Kept before the handshake, so that a handshake without end can be cut too.
        self.sock = create_default_context().wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()


def _cut(connection: HTTPConnection, over: Event) -> None:
    over.set()
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _named(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"[:KEPT_CHARACTERS]
