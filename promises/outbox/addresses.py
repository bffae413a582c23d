"""Where a webhook may go: out to the world, not into our own house.

Whoever may name an address could otherwise make this server ask its neighbours: a database, a router, a
cloud's metadata. So a name is looked up once, every address that it has is checked, and the connection
goes to exactly the checked one, whatever the name says a moment later.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from promises.refusal import Refusal

LONGEST = 500
_NAT64 = IPv6Network("64:ff9b::/96")


def checked(address: str, *, private: bool) -> SplitResult:
    """The parts of *address*, if it is one that a webhook may have.

    :param private: whether addresses inside our own network are allowed; then plain ``http`` is, to this
        machine itself.
    :raises Refusal: ``webhook.address`` (not a whole https address), ``webhook.private``.
    """
    parts = _parts(address)
    host = parts.hostname or ""
    loopback = host == "localhost" or _is_loopback(host)
    if parts.scheme == "http" and not loopback:
        raise Refusal("webhook.address", found=address[:100])
    literal = _literal(host)
    if not private and (loopback or (literal is not None and not is_public(literal))):
        raise Refusal("webhook.private", found=host[:100])
    return parts


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refusal("webhook.address", found=address[:100]) from None
    plain = address.isascii() and address.isprintable() and " " not in address and len(address) <= LONGEST
    whole = parts.scheme in {"https", "http"} and parts.hostname and port != 0
    if not plain or not whole or parts.username or parts.password or parts.fragment:
        raise Refusal("webhook.address", found=address[:100])
    return parts


def reach(host: str, port: int, *, private: bool) -> str:
    """The numeric address to connect to for *host*: the first, if all that it has are allowed.

    :raises OSError: if there is no such host.
    :raises Refusal: ``webhook.private``.
    """
    found = [ip_address(where[0]) for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(is_public(one) for one in found):
        raise Refusal("webhook.private", found=host[:100])
    return str(found[0])


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether *address* is one of the open internet, also when it is an IPv4 one inside an IPv6 one."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo:
            inner = address.teredo[1]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return literal is not None and literal.is_loopback
