"""List the Max objects of the patches with their inlets and outlets, from Cycling '74's reference pages.

Each letter of a string is an inlet or outlet: "~" a signal (a signal inlet also accepts messages), "b" a bang, "i" and
"f" numbers, "." anything. A number in place of the inlets counts message inlets.
"""

import re
from dataclasses import dataclass

_TYPES = {"~": "signal", "b": "bang", "i": "int", "f": "float", ".": ""}


@dataclass(frozen=True, slots=True)
class Ports:
    """An object's inlets and outlets."""

    inlets: str
    outlets: str

    @property
    def outlet_types(self) -> list[str]:
        """The types of the outlets in a file."""
        return [_TYPES[letter] for letter in self.outlets]


_FIXED: dict[str, tuple[int | str, str]] = {
    # numbers and messages
    "!=": (2, "i"), "*": (2, "f"), "+": (2, "f"), "-": (2, "f"), "/": (2, "f"), "==": (2, "i"), ">": (2, "i"),
    "change": (1, "ibb"), "deferlow": (1, "."), "delay": (2, "b"), "f": (2, "f"), "fromsymbol": (1, "."), "i": (2, "i"),
    "loadbang": (1, "b"), "loadmess": (1, "."), "maximum": (2, "ib"), "metro": (2, "b"), "prepend": (1, "."),
    "random": (2, "i"), "tosymbol": (1, "."), "uzi": (2, "bbi"), "zl": (2, ".."),
    "r": (0, "."), "s": (1, ""),
    # network, files, storage, transport, notes
    "autopattr": (1, "...."), "conformpath": (1, ".i"), "node.script": (1, ".."), "notein": (1, "iii"),
    "opendialog": (1, ".b"), "pattr": (1, "..."), "pattrstorage": (1, "."),
    "plugsync~": (1, "iiififfii"), "transport": (2, "ii.ff..f."), "udpreceive": (1, "."), "udpsend": (1, ""),
    # sound
    "*~": ("~~", "~"), "buffer~": (1, "fb"), "dac~": ("~~", ""), "info~": (1, "f.fffff.i."), "line~": (2, "~b"),
    "phasor~": ("~~", "~"), "play~": ("~", "~b"), "plugout~": ("~~", "~~"),
    # user interface
    "button": (1, "b"), "comment": (1, ""), "ezdac~": ("~~", ""), "flonum": (1, ".b"), "message": (2, "."),
    "meter~": ("~", "f"), "multislider": (1, ".."), "number": (1, ".b"), "panel": (1, ""), "preset": (1, ".i.i."),
    "slider": (1, "."), "textbutton": (1, "..i"), "umenu": (1, "i.."),
    "inlet": (0, "."), "outlet": ("~", ""),
    # Max for Live
    "live.comment": (1, ""), "live.menu": (1, "..f"), "live.numbox": (1, ".f"), "live.slider": (1, ".f"),
    "live.text": (1, ".."), "live.thisdevice": (1, "bii"),
}  # fmt: skip


def ports(text: str) -> Ports:
    """Return the ports of an object box with this text, or of a box of this class.

    Raises:
        KeyError: The object is unknown.
    """
    name, *arguments = text.split()
    arguments = arguments[: next((n for n, word in enumerate(arguments) if word.startswith("@")), len(arguments))]
    count = len(arguments)
    match name:
        case "t":
            return Ports(".", "".join(letter if letter in "bif" else "." for letter in arguments))
        case "route":
            return Ports("." * (count + 1), "." * (count + 1))
        case "sel":
            return Ports(".." if count == 1 else "." * (count + 1), "b" * count + ".")
        case "gate":
            return Ports("..", "." * int(arguments[0]) if arguments else ".")
        case "pack" | "pak":
            return Ports("." * count, ".")
        case "unpack":
            return Ports(".", "." * count)
        case "expr":
            return Ports("." * max(int(number) for number in re.findall(r"\$[if](\d)", text)), ".")
    inlets, outlets = _FIXED[name]
    return Ports(inlets if isinstance(inlets, str) else "." * inlets, outlets)
