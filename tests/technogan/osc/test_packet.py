"""Decoding and encoding of datagrams."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage

from technogan.osc.packet import Malformed, Message, decode_datagram, encode_message
from tests.osc_bridge import encoded

VALUES = st.one_of(
    st.tuples(st.just("i"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("f"), st.floats(width=32, allow_nan=False)),
    st.tuples(st.just("s"), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    st.tuples(st.just("T"), st.just(True)),
)


@given(st.text(string.ascii_letters + "/_*?"), st.lists(VALUES, max_size=20))
def test_messages_survive_encoding(name, values):
    message = Message(f"/{name}", "".join(tag for tag, _ in values), tuple(value for _, value in values))
    data = encode_message(message)
    assert list(decode_datagram(data)) == [message]
    other = OscMessage(data)
    assert (other.address, tuple(other.params)) == (message.address, message.arguments)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_decoded(data):
    for start in (b"", b"/a\0\0", b"/a\0\0,ifs\0\0\0\0", b"#bundle\0", b"#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x0c"):
        for message in decode_datagram(start + data):
            assert isinstance(message, Message | Malformed)
            str(message)


def test_an_impossible_size_ends_a_bundle():
    head = b"#bundle\0" + b"\0" * 8
    for size in (b"\xff\xff\xff\xfc", b"\x80\0\0\0", b"\x7f\xff\xff\xff"):
        assert list(decode_datagram(head + size + encoded("/a"))) == []
        whole = len(encoded("/b")).to_bytes(4, "big") + encoded("/b")
        assert list(decode_datagram(head + whole + size + encoded("/a"))) == [Message("/b")]


def test_types_that_no_command_uses_are_decoded():
    data = encoded("/a", 1, b"abc", None, False, (1, 2, 3, 4), [2, [3.0]], 1 << 40)
    (message,) = decode_datagram(data)
    assert isinstance(message, Message)
    assert message.arguments == (1, b"abc", None, False, (1, 2, 3, 4), 2, 3.0, 1 << 40)


@pytest.mark.parametrize("cut", range(1, 17))
def test_a_truncated_message_is_malformed(cut):
    data = encoded("/a", 1, 2.0, "abc", 4.0)
    (message,) = decode_datagram(data[:-cut])
    assert isinstance(message, Malformed)


def test_text_that_is_not_valid_unicode_is_sent():
    data = encode_message(Message("/a", "s", ("x\udcffy",)))
    assert list(decode_datagram(data)) == [Message("/a", "s", ("x?y",))]


def test_long_messages_are_abbreviated():
    assert str(Message("/a", "f" * 64, tuple(map(float, range(64))))) == "/a 0 1 2 3 4 5 ... (64 arguments)"
