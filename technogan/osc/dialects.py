"""Two ways to say the same.

/cc -> /ccret: the prototype's documentation, separate arguments. /gg -> /ggret: its code, one packed string and a /msg.
"""

from __future__ import annotations

from dataclasses import dataclass

from technogan.osc.packet import Message
from technogan.osc.protocol import Reply
from technogan.osc.table import REPLIES


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of client talks. gg: as the prototype's code does, with its packed strings and fixed file names."""

    name: str
    gg: bool

    def encode(self, reply: Reply) -> list[Message]:
        """The messages of a reply, in the order they are sent."""
        row = REPLIES[reply.name]
        *facts, text = reply.values or ("",)
        if self.gg and row.gg_constant is not None:
            return [_constant(self._address(reply.name), row.gg_constant)]
        if self.gg and row.packed:
            packed = " ".join(str(fact) for fact in facts)
            return [Message(self._address(reply.name), "s", (packed,)), self._text(text)]
        messages = [Message(self._address(reply.name), reply.tags, reply.values)]
        if reply.name == "error":  # old clients know no /error
            messages.append(self._text(text))
        return messages

    def _address(self, name: str) -> str:
        return f"/{self.name}ret/{name}"

    def _text(self, text: object) -> Message:
        return Message(self._address("msg"), "s", (text,))


CC = Dialect("cc", gg=False)
GG = Dialect("gg", gg=True)
DIALECTS = {dialect.name: dialect for dialect in (CC, GG)}


def addressed(address: str) -> tuple[Dialect, str]:
    """Which dialect an address speaks (/cc where it does not say), and the command it names.

    Wildcards are letters like any other.
    """
    first, *rest = [part for part in address.split("/") if part] or [""]
    dialect = DIALECTS.get(first.casefold())
    if dialect is None:
        return CC, "/".join([first, *rest])
    return dialect, "/".join(rest)


def is_reply(address: str) -> bool:
    """Whether an address is one of our own: answering it could send messages in a circle between two bridges."""
    return address.split("/")[1:2] in ([f"{name}ret"] for name in DIALECTS)


def _constant(address: str, value: bool | str) -> Message:
    return Message(address, "T" if value is True else "s", (value,))
