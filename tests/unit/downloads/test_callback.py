"""The guard of callback URLs: which addresses are public, and which URLs are refused at once."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.addresses import REFUSED_V4, is_public
from downloads.callback import Endpoint, Guard
from downloads.errors import RefusedCallbackError

REFUSED = [
    "0.0.0.7", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8",
    "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:db8::1", "2002:7f00::1",
    "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "febf::1",
    "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "1.1.1.1",
    "2600:1f18::1",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_inside_are_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    assert is_public(address)


@given(st.sampled_from(REFUSED_V4).flatmap(lambda network: st.ip_addresses(network=network)))
def test_every_address_of_a_refused_range_is_refused_however_it_is_written(address: IPv4Address) -> None:
    number = int(address)
    forms = [
        IPv6Address(number),  # IPv4-compatible
        IPv6Address((0xFFFF << 32) | number),  # IPv4-mapped
        IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        IPv6Address((0x2001 << 112) | (~number & 0xFFFF_FFFF)),  # Teredo
        IPv6Address((0x64FF9B << 96) | number),  # NAT64
    ]
    assert not any(is_public(str(form)) for form in [address, *forms])


@given(st.ip_addresses())
def test_nothing_is_public_that_python_knows_as_private(address: IPv4Address | IPv6Address) -> None:
    if is_public(str(address)):
        assert ip_address(address).is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://a.example", Endpoint(True, "a.example", 443, "a.example", "/")),
        ("https://a.example:8443/x?y=1#z", Endpoint(True, "a.example", 8443, "a.example:8443", "/x?y=1")),
        ("https://[2600::1]/", Endpoint(True, "2600::1", 443, "[2600::1]", "/")),
    ],
)
def test_an_https_url_is_taken_apart(url: str, endpoint: Endpoint) -> None:
    assert Guard().check(url) == endpoint


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://a.example/", "https"),
        ("ftp://a.example/", "https"),
        ("https://user@a.example/", "user name"),
        ("https://user:word@a.example/", "user name"),
        ("https://@a.example/", "user name"),
        ("https://127.0.0.1/", "not public"),
        ("https://169.254.169.254/latest/meta-data", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
        ("https://[fd00:ec2::254]/", "not public"),
        ("https:///path", "no URL"),
        ("https://a.example:x/", "no URL"),
        ("https://a.example:99999/", "no URL"),
        ("https://[::1/", "no URL"),
        ("https://ä.example/", "no URL"),
        ("https://a.example/a b", "no URL"),
        ("https://a.example/\x7f", "no URL"),
    ],
)
def test_what_is_plainly_bad_is_refused_with_a_reason(url: str, complaint: str) -> None:
    with pytest.raises(RefusedCallbackError, match=complaint):
        Guard().check(url)


def test_a_laptop_may_call_itself() -> None:
    guard = Guard(allow_http=True, allow_private=True)
    assert guard.check("http://127.0.0.1:8000/hook") == Endpoint(
        False, "127.0.0.1", 8000, "127.0.0.1:8000", "/hook"
    )
    with pytest.raises(RefusedCallbackError):
        guard.check("ftp://127.0.0.1/")
