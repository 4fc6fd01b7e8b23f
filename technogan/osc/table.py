"""The tables of the protocol, which define the parser, the replies and the documentation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from technogan.osc import commands as c
from technogan.osc.commands import Command, Generate, LoopKind


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a message. The type "seed" stands for one float for each slider of the model.

    field: the attribute of the command, if its name differs.
    """

    type: str
    name: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One command.

    forms: the lists of arguments that it accepts. gg_name, gg_forms: set if the prototype's code differs from its
    documentation.
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
        """True if the command generates a loop, and so has an id, 0 by default."""
        return isinstance(self.make, partial)


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One reply.

    packed: /gg packs all arguments except the last into one string, and sends the last one as /msg. gg_constant: the
    argument that /gg sends instead. repeated: the parameter that may occur any number of times.
    """

    name: str
    parameters: tuple[Parameter, ...]
    summary: str
    packed: bool = False
    gg_constant: bool | str | None = None
    repeated: Parameter | None = None

    def parameters_of(self, n_values: int) -> tuple[Parameter, ...]:
        """Return the parameter of each of `n_values` values: the repeated one as often as it occurs."""
        if self.repeated is None:
            return self.parameters
        place, more = self.parameters.index(self.repeated), n_values - len(self.parameters)
        return (*self.parameters[:place], *[self.repeated] * (1 + more), *self.parameters[place + 1 :])


ID = Parameter("i", "id")
STEPS = Parameter("i", "steps")
MORPH = Parameter("f", "morph")
SEED = Parameter("seed", "seed", "seeds")
START, END = Parameter("seed", "start", "seeds"), Parameter("seed", "end", "seeds")
TEXT = Parameter("s", "message")
WAV, IMAGE, STEM = Parameter("s", "wavfile"), Parameter("s", "imagefile"), Parameter("s", "stemfile")
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


def _generate(kind: LoopKind, answer: str) -> Callable[..., Command]:
    return partial(Generate, kind, answer)


_FADES = ((STEPS, START, END), (ID, STEPS, START, END))

COMMANDS = (
    CommandRow("isAlive", (_ASK,), c.IsAlive, "alive", "Checks that the service is running.", "isalive"),
    CommandRow(
        "initGenerator",
        (_ASK,),
        c.InitGenerator,
        "msg",
        "Does nothing: the network is always loaded.",
        "init_generator",
    ),
    CommandRow(
        "set_target_sr",
        ((_RATE,),),
        c.SetTargetRate,
        "msg",
        "Sets the sample rate in the headers of files, 4000 to 384000. Nothing is resampled: another rate means "
        "another pitch and tempo. By default, and again after /set_bpm, it is the loop's own rate at the tempo.",
    ),
    CommandRow(
        "set_target_dir",
        ((_DIRECTORY,), _ASK),
        _set_target_dir,
        "msg",
        "Sets the folder for files: an existing folder, or a new one below the user's home folder, the temporary "
        "folder or a folder of --allow-dir. A full path, or one that begins with ~. Without one, returns the folder.",
    ),
    CommandRow("get_target_dir", (_ASK,), c.GetTargetDir, "msg", "Returns the folder for files."),
    CommandRow(
        "generate_single_wav",
        ((SEED,),),
        _generate(LoopKind.single, "wav"),
        "wav",
        "Generates one loop, with id 0.",
    ),
    CommandRow(
        "generate_single_wav_id",
        ((ID, SEED),),
        _generate(LoopKind.single, "wav_id"),
        "wav_id",
        "Generates one loop for `id`.",
    ),
    CommandRow(
        "generate_single_wav_id_img",
        ((ID, SEED),),
        _generate(LoopKind.single, "wav_id_img"),
        "wav_id_img",
        "Generates one loop for `id`, and its spectrogram as a PNG next to it.",
    ),
    CommandRow(
        "generate_random_fade",
        ((STEPS, MORPH, SEED),),
        _generate(LoopKind.walk, "wav"),
        "wav",
        "Generates a random walk of `steps` loops in one file, with id 0. A step moves each slider by at most `morph`.",
    ),
    CommandRow(
        "generate_fade",
        _FADES,
        _generate(LoopKind.fade, "wav_id"),
        "wav_id",
        "Generates `steps` loops in one file, from one seed to the other. The default id is 0.",
        gg_forms=_FADES[1:],
    ),
    CommandRow(
        "generate_pingpong",
        _FADES,
        _generate(LoopKind.pingpong, "wav_id"),
        "wav_id",
        "Generates `steps` loops in one file, from one seed to the other and back. The default id is 0.",
        gg_forms=_FADES[1:],
    ),
    CommandRow(
        "generate_stems_id",
        ((ID, SEED),),
        _generate(LoopKind.single, "stems_id"),
        "stems_id",
        "Generates one loop for `id` with a model that has stems, and writes each stem to a file of its own.",
    ),
    CommandRow("status", (_ASK,), c.Status, "status", "Returns the state of the service."),
    CommandRow("list_models", (_ASK,), c.ListModels, "models", "Returns the names of the models."),
    CommandRow(
        "load_model",
        ((_NAME,),),
        c.LoadModel,
        "model",
        "Loads another model; waits in the queue.",
    ),
    CommandRow("set_bpm", ((BPM,),), c.SetBpm, "msg", "Sets the tempo of files, 20 to 999. Resets /set_target_sr."),
    CommandRow(
        "register",
        ((PORT,), (PORT, HOST)),
        c.Register,
        "registered",
        "Sends the replies to this socket to `port`. Expires an hour after its last message. `host`: another host, by "
        "address, or by its name as in --allow.",
    ),
    CommandRow(
        "unregister",
        (_ASK,),
        c.Unregister,
        "unregistered",
        "Ends the registration; the reply still goes to its port.",
    ),
    CommandRow("cancel", ((ID,),), c.Cancel, "cancelled", "Cancels this client's jobs with `id`."),
    CommandRow(
        "sync",
        ((_NUMBER,),),
        c.Sync,
        "synced",
        "Replies after all earlier commands of this client are answered.",
    ),
)

REPLIES = {
    row.name: row
    for row in (
        ReplyRow("alive", (), "The service is running.", gg_constant=True),
        ReplyRow("init", (), "Sent unsolicited when the service starts.", gg_constant="OSC Server starting..."),
        ReplyRow("msg", (TEXT,), "A text for users; also unsolicited, such as the progress of long sequences."),
        ReplyRow("wav", (WAV, TEXT), "The file is complete.", packed=True),
        ReplyRow("wav_id", (ID, WAV, TEXT), "The file for `id` is complete.", packed=True),
        ReplyRow("wav_id_img", (ID, WAV, IMAGE, TEXT), "The file for `id` and its picture are complete.", packed=True),
        ReplyRow(
            "stems_id",
            (ID, STEM, TEXT),
            "The files for `id` are complete, one for each stem in the order of the model; their names end with those "
            "of the stems. Together they sound like the loop.",
            packed=True,
            repeated=STEM,
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
            "The sample rate in the headers of files; the waiting jobs of all clients, without the running one.",
        ),
        ReplyRow("models", (_NAME,), "One string for each model.", repeated=_NAME),
        ReplyRow(
            "model",
            (_NAME, LATENTS, Parameter("f", "beats"), BPM),
            "The model is loaded. The beats and tempo are those of its loops.",
        ),
        ReplyRow("registered", (HOST, PORT), "Replies go to this address from now on."),
        ReplyRow("unregistered", (HOST, PORT), "Replies no longer go to this address."),
        ReplyRow("cancelled", (ID, Parameter("i", "count")), "The number of jobs that were cancelled."),
        ReplyRow("synced", (_NUMBER,), "The number of the /sync command."),
        ReplyRow(
            "error",
            (Parameter("s", "command"), ID, Parameter("s", "code"), TEXT),
            "A command failed: the command as it was sent, its id (-1 if it has none or it cannot be read), a code for "
            "programs, and a text for users, which is also sent as /msg.",
        ),
    )
}

CODES = {
    "unknown_command": "No command has this name.",
    "wrong_arguments": "The number or the types of the arguments are wrong, or they cannot be read.",
    "not_finite": "A value is NaN or infinite.",
    "out_of_range": "A value is out of range: 0 steps, 5000 BPM, an id with a fraction.",
    "not_allowed": "The folder or the host may not be used.",
    "cannot_write": "A file or a folder cannot be written, or the folder is missing.",
    "disk_full": "The disk is full.",
    "no_such_model": "No model has this name.",
    "bad_model": "The model cannot be opened or used.",
    "no_stems": "The model has no stems.",
    "superseded": "A newer request for the same id arrived while this one was waiting.",
    "cancelled": "The job was cancelled by /cancel.",
    "not_registered": "There is no registration to end.",
    "busy": "Too many jobs are waiting.",
    "stopping": "The service is stopping.",
    "failed": "A bug in TechnoGAN; the service continues to run.",
}


def find_command(name: str) -> CommandRow | None:
    """Return the command of this name; letter case and underscores do not matter."""
    return _BY_NAME.get(_normalise(name))


def _normalise(name: str) -> str:
    return name.casefold().replace("_", "")


_BY_NAME = {_normalise(name): row for row in COMMANDS for name in (row.name, row.gg_name) if name}
