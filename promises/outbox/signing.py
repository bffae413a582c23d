"""How a webhook is signed, after Standard Webhooks 1.0 (standardwebhooks.com).

The receiver takes ``webhook-id``, ``webhook-timestamp`` and the body as it came, joins them with dots, and
compares their HMAC-SHA256 with ``webhook-signature``. Any library of that standard does it.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from hashlib import sha256

PREFIX = "whsec_"


def secret_of(installation: str, salt: str) -> str:
    """A webhook's secret, as its receiver is given it: ``whsec_`` and 32 bytes in base64.

    It is made from the installation's own secret, so the database alone tells nobody how to sign.

    :param installation: the setting ``SECRET_KEY``.
    :param salt: the webhook's own, random.
    """
    made = hmac.new(installation.encode(), b"webhook:" + salt.encode(), sha256).digest()
    return PREFIX + b64encode(made).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header ``webhook-signature``.

    :param timestamp: seconds since 1970, when this try is made; receivers refuse old ones.
    """
    key = b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, signed, sha256).digest()).decode()
