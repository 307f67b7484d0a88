"""Host names: one spelling for the look-up, and no header that means two things."""

import pytest

from crowdcore.base.errors import Fault
from crowdcore.partners.rules import HostMalformed, hosts_to_partners, read_host


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("help.example.ch", "help.example.ch"),
        ("HELP.Example.CH", "help.example.ch"),
        ("help.example.ch:8000", "help.example.ch"),
        ("help.example.ch.", "help.example.ch"),
        ("help.example.ch.:443", "help.example.ch"),
        ("swisscom.localhost:8000", "swisscom.localhost"),
        ("xn--mller-kva.ch", "xn--mller-kva.ch"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_spellings_of_one_host(header, host):
    assert read_host(header) == host


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        ".",
        "..",
        "a..b",
        ".example.ch",
        "help.example.ch..",
        "-help.example.ch",
        "help-.example.ch",
        "help.example.ch:",
        "help.example.ch:port",
        "help.example.ch:99999",
        "help.example.ch:123456",
        "help.example.ch:80:80",
        "user@help.example.ch",
        "user:password@help.example.ch",
        "help.example.ch/path",
        "help.example.ch?x",
        "help.example.ch#x",
        "help.example.ch,evil.example",
        "help.example.ch evil.example",
        " help.example.ch",
        "help.example.ch ",
        "help.example.ch\t",
        "help.example.ch\r\nX: y",
        "help.example.ch\0",
        "http://help.example.ch",
        "müller.ch",
        "help_desk.example.ch",
        "%68elp.example.ch",
        "*.example.ch",
        "[::1",
        "::1",
        "x" * 64 + ".ch",
        ".".join(["abcdefgh"] * 40),
    ],
)
def test_what_is_no_host_name(header):
    with pytest.raises(HostMalformed):
        read_host(header)


def test_a_host_has_one_owner():
    assert hosts_to_partners([("a.ch", "one"), ("b.ch", "two"), ("a.ch", "one")]) == {
        "a.ch": "one",
        "b.ch": "two",
    }
    with pytest.raises(Fault, match=r"'a\.ch' is claimed by 'one' and by 'two'"):
        hosts_to_partners([("a.ch", "one"), ("a.ch", "two")])
