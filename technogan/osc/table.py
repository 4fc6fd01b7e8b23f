"""What is on the wire, in one place: the parser, the replies and the documentation are made from these tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from technogan.osc import commands as c
from technogan.osc.commands import Command, Generate, Kind


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a message; type "seed" stands for as many floats as the model has sliders.

    field: the command's attribute, where it is not called as the argument is.
    """

    type: str
    name: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One command.

    forms: the lists of arguments it takes. gg_*: where the prototype's code differs from its documentation.
    """

    name: str
    forms: tuple[tuple[Parameter, ...], ...]
    make: Callable[..., Command]
    reply: str
    summary: str
    gg_name: str = ""
    gg_forms: tuple[tuple[Parameter, ...], ...] | None = None

    @property
    def generates(self) -> bool:
        """Whether it makes a loop, so that it has an id: 0 where none is sent."""
        return isinstance(self.make, partial)


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One reply.

    packed: the prototype's code packs all but the last argument into one string, and sends the last as /msg.
    gg_constant: what the prototype's code sends where its documentation has nothing. repeated: the last argument may
    come any number of times.
    """

    name: str
    parameters: tuple[Parameter, ...]
    summary: str
    packed: bool = False
    gg_constant: bool | str | None = None
    repeated: bool = False


ID = Parameter("i", "id")
STEPS = Parameter("i", "steps")
MORPH = Parameter("f", "morph")
SEED = Parameter("seed", "seed", "seeds")
START, END = Parameter("seed", "start", "seeds"), Parameter("seed", "end", "seeds")
TEXT = Parameter("s", "message")
WAV, IMAGE = Parameter("s", "wavfile"), Parameter("s", "imagefile")
LATENTS = Parameter("i", "latent size")
HOST, PORT = Parameter("s", "host"), Parameter("i", "port")
BPM = Parameter("f", "bpm")

_DIRECTORY = Parameter("s", "directory")
_RATE = Parameter("i", "sample rate", "sample_rate")
_NUMBER = Parameter("i", "number")
_NAME = Parameter("s", "name")
_ASK: tuple[Parameter, ...] = ()


def _set_target_dir(directory: str | None = None) -> Command:
    return c.GetTargetDir() if directory is None else c.SetTargetDir(directory)


def _generate(kind: Kind, answer: str) -> Callable[..., Command]:
    return partial(Generate, kind, answer)


_FADES = ((STEPS, START, END), (ID, STEPS, START, END))

COMMANDS = (
    Row("isAlive", (_ASK,), c.IsAlive, "alive", "Is the service there?", "isalive"),
    Row("initGenerator", (_ASK,), c.InitGenerator, "msg", "Is the network loaded? It always is.", "init_generator"),
    Row(
        "set_target_sr",
        ((_RATE,),),
        c.SetTargetRate,
        "msg",
        "The rate written into the headers of files, 4000 to 384000. Nothing is resampled: another rate is another "
        "pitch and tempo. Until it is set, and again after /set_bpm, a header has the loop's own rate at the tempo.",
    ),
    Row(
        "set_target_dir",
        ((_DIRECTORY,), _ASK),
        _set_target_dir,
        "msg",
        "The folder for files: one that exists, or a new one below the user's home or the temporary folder (or below a "
        "folder that --allow-dir names). A full path, or one that begins with ~. Without an argument it asks.",
    ),
    Row("get_target_dir", (_ASK,), c.GetTargetDir, "msg", "Asks for the folder for files."),
    Row(
        "generate_single_wav",
        ((SEED,),),
        _generate(Kind.single, "wav"),
        "wav",
        "One loop. Counts as id 0.",
    ),
    Row("generate_single_wav_id", ((ID, SEED),), _generate(Kind.single, "wav_id"), "wav_id", "One loop for slot `id`."),
    Row(
        "generate_single_wav_id_img",
        ((ID, SEED),),
        _generate(Kind.single, "wav_id_img"),
        "wav_id_img",
        "One loop for slot `id`, and its spectrogram as a PNG beside it.",
    ),
    Row(
        "generate_random_fade",
        ((STEPS, MORPH, SEED),),
        _generate(Kind.walk, "wav"),
        "wav",
        "A random walk of `steps` loops in one file; each step moves every slider by at most `morph`. Counts as id 0.",
    ),
    Row(
        "generate_fade",
        _FADES,
        _generate(Kind.fade, "wav_id"),
        "wav_id",
        "`steps` loops in one file, from one seed to the other. Without an id it counts as id 0.",
        gg_forms=_FADES[1:],
    ),
    Row(
        "generate_pingpong",
        _FADES,
        _generate(Kind.pingpong, "wav_id"),
        "wav_id",
        "`steps` loops in one file, from one seed to the other and back. Without an id it counts as id 0.",
        gg_forms=_FADES[1:],
    ),
    Row("status", (_ASK,), c.Status, "status", "How things stand."),
    Row("list_models", (_ASK,), c.ListModels, "models", "The names of the models that can be loaded."),
    Row(
        "load_model", ((_NAME,),), c.LoadModel, "model", "Plays another model from now on; its turn comes in the queue."
    ),
    Row("set_bpm", ((BPM,),), c.SetBpm, "msg", "The tempo of files from now on, 20 to 999. Undoes set_target_sr."),
    Row(
        "register",
        ((PORT,), (PORT, HOST)),
        c.Register,
        "registered",
        "Answers to messages from this socket go to `port` from now on, for an hour after its last message. `host`: "
        "another that may be answered, by its address, or by its name as --allow has it.",
    ),
    Row("unregister", (_ASK,), c.Unregister, "unregistered", "Ends that; answered where answers went until now."),
    Row("cancel", ((ID,),), c.Cancel, "cancelled", "Stops what this client asked for under `id`."),
    Row(
        "sync",
        ((_NUMBER,),),
        c.Sync,
        "synced",
        "Answered when all is answered that was received from this client before it.",
    ),
)

REPLIES = {
    row.name: row
    for row in (
        ReplyRow("alive", (), "The service is there.", gg_constant=True),
        ReplyRow("init", (), "Unasked: the service starts.", gg_constant="OSC Server starting..."),
        ReplyRow("msg", (TEXT,), "For people to read; also unasked, such as the progress of long sequences."),
        ReplyRow("wav", (WAV, TEXT), "A file is there.", packed=True),
        ReplyRow("wav_id", (ID, WAV, TEXT), "The file for slot `id` is there.", packed=True),
        ReplyRow(
            "wav_id_img", (ID, WAV, IMAGE, TEXT), "The file for slot `id` and its picture are there.", packed=True
        ),
        ReplyRow(
            "status",
            (
                Parameter("s", "version"),
                Parameter("s", "model"),
                LATENTS,
                BPM,
                Parameter("i", "sample rate"),
                _DIRECTORY,
                Parameter("i", "waiting jobs"),
            ),
            "The sample rate is what headers say. Waiting jobs are everybody's, without the running one.",
        ),
        ReplyRow("models", (_NAME,), "One string a model.", repeated=True),
        ReplyRow(
            "model", (_NAME, LATENTS, Parameter("f", "beats"), BPM), "The model is loaded; beats and bpm are its own."
        ),
        ReplyRow("registered", (HOST, PORT), "Where answers go from now on."),
        ReplyRow("unregistered", (HOST, PORT), "Where answers went until now."),
        ReplyRow("cancelled", (ID, Parameter("i", "count")), "How many jobs of that id still waited or ran."),
        ReplyRow("synced", (_NUMBER,), "The number of the question."),
        ReplyRow(
            "error",
            (Parameter("s", "command"), ID, Parameter("s", "code"), TEXT),
            "Something went wrong: the command as it was sent, its id (-1 where it has none that can be read), one "
            "word for programs, and a text for people, which is also sent as /msg.",
        ),
    )
}

CODES = {
    "unknown_command": "No command has this name.",
    "wrong_arguments": "The number or the types of the arguments are wrong, or they cannot be read.",
    "not_finite": "A value is NaN or infinite.",
    "out_of_range": "A value makes no sense: 0 steps, 5000 BPM, an id with a fraction.",
    "not_allowed": "A folder or a host that may not be used.",
    "cannot_write": "A file or a folder cannot be written, or the folder is gone.",
    "disk_full": "The disk is full.",
    "no_such_model": "No model has this name.",
    "bad_model": "The model cannot be opened or used.",
    "superseded": "A newer request for the same id came while this one waited.",
    "cancelled": "Stopped by /cancel.",
    "not_registered": "There is no registration to end.",
    "busy": "Too many jobs are waiting.",
    "stopping": "The service is being stopped.",
    "failed": "A fault of TechnoGAN itself; the service goes on.",
}


def row_named(name: str) -> Row | None:
    """The command of this name; letter case and underscores do not matter."""
    return _BY_NAME.get(_plain(name))


def _plain(name: str) -> str:
    return name.casefold().replace("_", "")


_BY_NAME = {_plain(row.name): row for row in COMMANDS} | {_plain(row.gg_name): row for row in COMMANDS if row.gg_name}
