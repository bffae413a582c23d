"""A webhook goes out to the world: to no address of our own house, under whatever name, unless allowed."""

from ipaddress import ip_address

import pytest

from promises.outbox.addresses import checked, is_public, reach
from promises.outbox.posting import post
from promises.refusal import Refusal
from tests.outbox.receivers import receiver

INSIDE = [
    "127.0.0.1",
    "10.0.0.8",
    "172.16.4.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep their secrets
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::8",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "64:ff9b::a9fe:a9fe",  # NAT64 of 169.254.169.254
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_our_own_house_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1946", "64:ff9b::5db8:d822"])
def test_an_address_of_the_open_internet_is(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", INSIDE)
def test_nobody_can_subscribe_at_an_address_of_our_own_house(address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refusal, match=r"webhook\.private"):
        checked(f"https://{host}/hook", private=False)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "promises.example",
        "ftp://promises.example/",
        "http://promises.example/",
        "https://",
        "https://user:word@promises.example/",
        "https://promises.example:99999/",
        "https://promises.example:0/",
        "https://promises.example/#part",
        "https://promises.example/\r\nHost: other",
        "https://promises.example/ä",
        "https://promises.example/" + "a" * 500,
    ],
)
def test_what_is_no_whole_https_address_is_refused(address):
    with pytest.raises(Refusal, match=r"webhook\.address"):
        checked(address, private=True)


def test_plain_http_goes_to_this_machine_only_and_only_if_allowed():
    assert checked("http://localhost:8080/", private=True).port == 8080
    with pytest.raises(Refusal, match=r"webhook\.private"):
        checked("http://localhost:8080/", private=False)


def test_a_name_that_leads_into_our_own_house_is_refused_when_it_is_looked_up():
    """The name was fine when it was typed; what counts is where it leads when something is sent."""
    with pytest.raises(Refusal, match=r"webhook\.private"):
        reach("localhost", 443, private=False)
    assert reach("localhost", 443, private=True) in {"127.0.0.1", "::1"}


def test_nothing_reaches_a_private_address_at_sending_time_either():
    with receiver() as inside:
        answer = post(inside.address, b"{}", {}, private=False)
    assert (answer.status, inside.heard) == (None, [])
    assert "webhook.private" in answer.fault
