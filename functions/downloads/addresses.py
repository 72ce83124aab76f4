"""Which IP addresses are on the public internet: the only ones that a callback may lead to."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# IANA's IPv4 special-purpose registry, multicast and the reserved rest; Python's is_global varies by release.
REFUSED_V4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the metadata services of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
# Of IPv6, only global unicast is public: loopback, link-local, unique local (fd00:ec2::254, AWS's metadata),
# multicast, IPv4-mapped and IPv4-compatible addresses all lie outside it.
PUBLIC_V6 = IPv6Network("2000::/3")
REFUSED_V6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, among them Teredo, which holds an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
]
# NAT64 (RFC 6052): the last 32 bits are an IPv4 address, and that is where the connection goes.
NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address is public. Raises ValueError for what is no address."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return _is_public_v6(found)
    return _is_public_v4(found)


def _is_public_v4(address: IPv4Address) -> bool:
    return not any(address in network for network in REFUSED_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    if address in NAT64:
        return _is_public_v4(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in PUBLIC_V6 and not any(address in network for network in REFUSED_V6)
