"""Waiting files are sealed with a key derived from the secret of the installation, never kept beside them."""

from __future__ import annotations

from functools import cache
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from promises.refusal import Refusal

PURPOSE = b"promises: files that wait"
NONCE = 12


def seal(secret: str, token: str, number: int, content: bytes) -> bytes:
    """Piece *number* of the file *token*, so that it can be opened in its own place only (AES-256-GCM)."""
    nonce = token_bytes(NONCE)
    return nonce + _box(secret).encrypt(nonce, content, _place(token, number))


def unseal(secret: str, token: str, number: int, sealed: bytes) -> bytes:
    """:raises Refusal: ``files.sealed`` if it was sealed with another secret, or is not that piece."""
    try:
        return _box(secret).decrypt(sealed[:NONCE], sealed[NONCE:], _place(token, number))
    except InvalidTag:
        raise Refusal("files.sealed") from None


@cache
def _box(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, PURPOSE).derive(secret.encode()))


def _place(token: str, number: int) -> bytes:
    return f"{token}/{number}".encode()
