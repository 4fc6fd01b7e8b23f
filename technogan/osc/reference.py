"""The reference for authors of clients, made from the tables that drive the parser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from technogan.osc.dialects import GG
from technogan.osc.protocol import Reply, describe
from technogan.osc.table import CODES, COMMANDS, REPLIES, Parameter, ReplyRow, Row

# The commands from this one on are beyond the prototype.
_FIRST_NEW = "status"

_HEAD = """\
# TechnoGAN over OSC

<!-- Made by scripts/docs/osc_reference.py from the tables in technogan/osc/table.py; edit those. -->

TechnoGAN speaks Open Sound Control over UDP. `technogan serve` listens on 127.0.0.1:10102 and answers to port 10101
of the host that asked; `--port` and `--reply-port` change that. A first conversation, with the tools of liblo:

```sh
technogan serve &
oscdump 10101 &
oscsend localhost 10102 /cc/isAlive
oscsend localhost 10102 /cc/status
oscsend localhost 10102 /cc/generate_single_wav_id i$(printf 'f%.0s' {1..64}) 3 $(shuf -i 0-80 -n 64)
```

In Python, with python-osc:

```python
from pythonosc.udp_client import SimpleUDPClient

client = SimpleUDPClient("127.0.0.1", 10102)
client.send_message("/cc/generate_single_wav_id", [3, *range(64)])  # the answer comes to port 10101
```

## Two dialects

- `/cc/...`, answered with `/ccret/...`: what new clients should speak. Every value is an argument of its own, every
  file has a name of its own (`single3-000042.wav`), and the newest 256 files are kept while the service runs.
- `/gg/...`, answered with `/ggret/...`: what the prototype's Max for Live devices speak. Answers about files are
  one string, the values separated by spaces, and are followed by a `/ggret/msg`. File names are fixed and replaced
  whole: `single<id>.wav`, `fade<id>.wav`, `pingpong<id>.wav`, and `testo.wav` where there is no id. A folder
  without spaces is a good idea.

An address that begins with neither is taken for `/cc`. Letter case and underscores in names do not matter. `*` and
`?` are letters like any other.

## Rules

- **A seed** is as many floats as the model has sliders (64, or what `/model` and `/status` say), each from -128
  to 127; values beyond are clipped, and the message says so.
- **Numbers**: integers are taken where floats are expected, and floats where integers are, if they are whole.
- **One answer each**: every command gets exactly one answer from the table, or one `/error` (with a `/msg` of the
  same text for clients that know no `/error`). Quick commands are answered at once, in the middle of a long job
  too; generating ones and `load_model` queue up and are done one after another, with the tempo, rate and folder of
  the moment when they were asked for.
- **Ids** are the client's own, usually the number of a sample slot. A newer request for an id takes the place of
  one that still waits; the older one is answered with `superseded`. So a slider may send at any rate: send, and
  play what comes.
- **Files** are there, whole, when the answer comes. While they are written they have another name.
- **Answers are not answered**: what begins with `/ccret` or `/ggret` is left alone; two bridges could go on for ever.
- **Bundles** are followed at once, whatever their timetag says.
- **Who is who**: all that ask from one host share its reply port. A client that wants answers (and ids) of its own
  sends `/cc/register` with its port, from the socket that it sends everything else from.
- **Who may ask**: this machine. With `--host 0.0.0.0 --allow 192.168.1.7` (a host or a network, several times)
  others may too; who is not listed gets no answer.
- Datagrams of up to 65507 bytes are taken. A fade with two seeds has under 700.
"""


def render() -> str:
    """The whole reference, as Markdown."""
    first_new = next(i for i, row in enumerate(COMMANDS) if row.name == _FIRST_NEW)
    parts = [
        _HEAD,
        "## Commands of the prototype\n",
        _table(("command", "arguments", "answer", "what it does"), map(_command, COMMANDS[:first_new])),
        "`/gg` also knows the first two as `/gg/isalive` and `/gg/init_generator`; its fades always have an id.\n",
        "## Commands beyond the prototype\n",
        _table(("command", "arguments", "answer", "what it does"), map(_command, COMMANDS[first_new:])),
        "## Answers\n",
        "The letters are OSC's type tags: i an integer, f a float, s a string, T true.\n",
        _table(("answer", "/ccret", "/ggret", "what it says"), map(_reply, REPLIES.values())),
        "## Codes of errors\n",
        _table(("code", "meaning"), ([f"`{code}`", meaning] for code, meaning in CODES.items())),
        "## Examples\n",
        _SHELL,
        _table(("sent", "received"), map(_example, EXAMPLES)),
    ]
    return "\n".join(parts)


_SHELL = """\
`F` stands for 64 times `f`, `A` and `B` for two seeds; in bash:

```sh
F=$(printf 'f%.0s' {1..64}); A=$(shuf -i 0-80 -n 64); B=$(shuf -i 0-80 -n 64)
```
"""

# What is sent with oscsend, and what comes back.
EXAMPLES = (
    ("/cc/isAlive", ("/ccret/alive",)),
    (
        "/cc/generate_single_wav_id i$F 3 $A",
        ('/ccret/wav_id iss 3 "/tmp/TechnoGAN/single3-000001.wav" "Generated single in 0.09 sec.: ..."',),
    ),
    (
        "/gg/generate_single_wav_id i$F 3 $A",
        ('/ggret/wav_id s "3 /tmp/TechnoGAN/single3.wav"', '/ggret/msg s "Generated single in 0.09 sec.: ..."'),
    ),
    (
        "/cc/generate_single_wav_id_img i$F 3 $A",
        (
            '/ccret/wav_id_img isss 3 "/tmp/TechnoGAN/single3-000002.wav" "/tmp/TechnoGAN/single3-000002.png" '
            '"Generated single in 0.10 sec.: ..."',
        ),
    ),
    (
        "/cc/generate_fade ii$F$F 5 4 $A $B",
        ('/ccret/wav_id iss 5 "/tmp/TechnoGAN/fade5-000003.wav" "Generated fade in 0.32 sec.: ..."',),
    ),
    (
        "/cc/generate_random_fade if$F 4 10 $A",
        ('/ccret/wav ss "/tmp/TechnoGAN/randomfade0-000004.wav" "Generated randomfade in 0.32 sec.: ..."',),
    ),
    ("/cc/set_bpm f 132", ('/ccret/msg s "tempo set to: 132 BPM"',)),
    (
        "/cc/set_bpm f 5000",
        (
            '/ccret/error siss "set_bpm" -1 "out_of_range" "bpm is 5000.0; it must be from 20 to 999"',
            '/ccret/msg s "bpm is 5000.0; it must be from 20 to 999"',
        ),
    ),
    ("/cc/load_model s beat", ('/ccret/model siff "beat" 64 1.000000 128.000000',)),
    ("/cc/sync i 17", ("/ccret/synced i 17",)),
)


def _command(row: Row) -> list[str]:
    forms = "; or: ".join(describe(form, 64) for form in row.forms)
    return [f"`/{row.name}`", "" if forms == "nothing" else forms, f"`/{row.reply}`", row.summary]


def _reply(row: ReplyRow) -> list[str]:
    tags = "".join(parameter.type for parameter in row.parameters)
    values = _values(row.parameters) + (" ..." if row.repeated else "")
    in_cc = f"`{tags}{'...' if row.repeated else ''}` {values}" if tags else ""
    return [f"`/{row.name}`", in_cc, _in_gg(row), row.summary]


def _in_gg(row: ReplyRow) -> str:
    if row.packed:
        return f'`s` "{_values(row.parameters[:-1], " ")}", then `/msg`'
    if row.gg_constant is None:
        return "the same"
    message = GG.encode(Reply(row.name))[0]
    return f"`{message.tags}`" + (f' "{row.gg_constant}"' if isinstance(row.gg_constant, str) else "")


def _example(example: tuple[str, Sequence[str]]) -> list[str]:
    sent, received = example
    return [f"`oscsend localhost 10102 {sent}`", ", ".join(f"`{message}`" for message in received)]


def _values(parameters: Sequence[Parameter], separator: str = ", ") -> str:
    return separator.join(parameter.name for parameter in parameters)


def _table(head: Sequence[str], rows: Iterable[list[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
