"""The two dialects of the protocol.

/cc -> /ccret follows the prototype's documentation: separate arguments. /gg -> /ggret follows its code: one packed
string and a /msg.
"""

from dataclasses import dataclass

from technogan.osc.packet import Message
from technogan.osc.protocol import Reply
from technogan.osc.table import REPLIES


@dataclass(frozen=True, slots=True)
class Dialect:
    """The form of a client's messages. gg: as in the prototype's code, with packed strings and fixed file names."""

    name: str
    gg: bool

    def encode(self, reply: Reply) -> list[Message]:
        """Return the messages of a reply, in the order of sending."""
        row = REPLIES[reply.name]
        *values, text = reply.values or ("",)
        if self.gg and row.gg_constant is not None:
            return [_constant(self._address(reply.name), row.gg_constant)]
        if self.gg and row.packed:
            packed = " ".join(str(value) for value in values)
            return [Message(self._address(reply.name), "s", (packed,)), self._text(text)]
        messages = [Message(self._address(reply.name), reply.tags, reply.values)]
        if reply.name == "error":  # old clients do not understand /error
            messages.append(self._text(text))
        return messages

    def _address(self, name: str) -> str:
        return f"/{self.name}ret/{name}"

    def _text(self, text: object) -> Message:
        return Message(self._address("msg"), "s", (text,))


CC = Dialect("cc", gg=False)
GG = Dialect("gg", gg=True)
DIALECTS = {dialect.name: dialect for dialect in (CC, GG)}


def parse_address(address: str) -> tuple[Dialect, str]:
    """Return the dialect of an address, /cc by default, and the name of its command. Wildcards have no meaning."""
    first, *rest = [part for part in address.split("/") if part] or [""]
    dialect = DIALECTS.get(first.casefold())
    if dialect is None:
        return CC, "/".join([first, *rest])
    return dialect, "/".join(rest)


def is_reply(address: str) -> bool:
    """Return whether an address is that of a reply; answering it could start an endless loop between two bridges."""
    return address.split("/")[1:2] in ([f"{name}ret"] for name in DIALECTS)


def _constant(address: str, value: bool | str) -> Message:
    return Message(address, "T" if value is True else "s", (value,))
