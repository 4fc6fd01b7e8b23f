"""Tests of `pyinstaller.spec` for each system."""

import plistlib
import re
import sys
from pathlib import Path, PurePath
from typing import Any

import pytest
from PIL import Image

from technogan import __version__
from tests.packaging.recorded_spec import ROOT, evaluate

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the test checkout needs symbolic links")
SYSTEMS = ("win32", "darwin", "linux")


@pytest.fixture
def on(monkeypatch, tmp_path):
    for name in ("CODESIGN_IDENTITY", "TARGET_ARCH"):
        monkeypatch.delenv(name, raising=False)
    return lambda platform, **options: evaluate(platform, monkeypatch, tmp_path, **options)


@pytest.mark.parametrize("platform", SYSTEMS)
def test_the_window_is_the_first_program_and_has_no_console(on, platform):
    window = on(platform).of("EXE")[0]
    assert (window.options["name"], window.options["console"]) == ("TechnoGAN", False)


@pytest.mark.parametrize(("platform", "names"), [("win32", ["TechnoGAN", "technogan-cli"]), ("linux", ["TechnoGAN"])])
def test_windows_has_a_console_twin(on, platform, names):
    programs = on(platform).of("EXE")
    assert [program.options["name"] for program in programs] == names
    assert [program.options["console"] for program in programs] == [name == "technogan-cli" for name in names]


@pytest.mark.parametrize("platform", SYSTEMS)
def test_bundle_is_a_folder_of_all_programs_and_files(on, platform):
    spec = on(platform)
    assert all(program.options["exclude_binaries"] for program in spec.of("EXE"))
    assert spec.one("COLLECT").arguments[: len(spec.of("EXE"))] == tuple(spec.of("EXE"))


@pytest.mark.parametrize(
    ("platform", "name", "pixels"), [("win32", "ico", {16, 32, 256}), ("darwin", "icns", {32, 1024})]
)
def test_icon_contains_every_size(on, platform, name, pixels):
    with Image.open(on(platform).of("EXE")[0].options["icon"]) as picture:
        assert picture.format == name.upper()
        assert pixels <= {width * (scale or [1])[0] for width, _height, *scale in picture.info["sizes"]}


def test_windows_shows_the_version(on):
    strings: dict[str, str] = {}
    lists = ("StringTable", "StringFileInfo", "VarFileInfo", "VarStruct")
    structures: dict[str, Any] = {name: lambda *_: None for name in lists}
    structures |= {"StringStruct": strings.__setitem__, "FixedFileInfo": dict, "VSVersionInfo": lambda ffi, kids: ffi}
    path = on("win32").of("EXE")[1].options["version"]
    fixed = eval(Path(path).read_text(encoding="utf-8"), structures)
    assert strings["ProductVersion"] == strings["FileVersion"] == __version__
    assert fixed["filevers"] == fixed["prodvers"] == (*(int(part) for part in __version__.split(".")), 0)


@pytest.mark.parametrize("platform", ["darwin", "linux"])
def test_no_version_resource_elsewhere(on, platform):
    assert on(platform).of("EXE")[0].options["version"] is None


def test_the_application_for_macos(on):
    application = on("darwin").one("BUNDLE")
    assert application.options["name"] == "TechnoGAN.app"
    assert application.options["bundle_identifier"] == "org.technogan.TechnoGAN"
    assert application.options["version"] == __version__
    plist = application.options["info_plist"]
    assert plist["NSHighResolutionCapable"] is True
    assert plist["LSMinimumSystemVersion"] == "14.0"
    assert not [key for key in plist if "Microphone" in key]
    assert plistlib.loads(plistlib.dumps(plist)) == plist


@pytest.mark.parametrize("platform", ["win32", "linux"])
def test_no_application_bundle_elsewhere(on, platform):
    assert not on(platform).of("BUNDLE")


def test_macos_programs_accept_replaced_libraries(on):
    path = on("darwin").of("EXE")[0].options["entitlements_file"]
    entitlements = plistlib.loads(Path(path).read_bytes())
    assert entitlements == {"com.apple.security.cs.disable-library-validation": True}


@pytest.mark.parametrize("platform", ["win32", "linux"])
def test_no_entitlements_elsewhere(on, platform):
    assert on(platform).of("EXE")[0].options["entitlements_file"] is None


@pytest.mark.parametrize("set_to", ["Developer ID Application: Example", ""])
def test_identity_and_architecture_come_from_the_environment(on, monkeypatch, set_to):
    monkeypatch.setenv("CODESIGN_IDENTITY", set_to)
    monkeypatch.setenv("TARGET_ARCH", "arm64" if set_to else "")
    options = on("darwin").of("EXE")[0].options
    assert (options["codesign_identity"], options["target_arch"]) == ((set_to, "arm64") if set_to else (None, None))


@pytest.mark.parametrize("platform", SYSTEMS)
def test_bundle_contains_the_files_for_the_training_tools(on, platform):
    analysis = on(platform).one("Analysis")
    files = [*analysis.options["binaries"], *analysis.options["datas"]]
    names = {PurePath(source).name for source, folder in files if folder == "studio"}
    assert names == {
        "uv.exe" if platform == "win32" else "uv",
        "technogan-0.0-py3-none-any.whl",
        "constraints-hashed.txt",
    }


@pytest.mark.parametrize("wheels", [0, 2])
def test_wrong_number_of_wheels_is_reported(on, wheels):
    with pytest.raises(SystemExit, match=f"holds {wheels} wheels.*make bundle"):
        on("linux", wheels=wheels)


@pytest.mark.parametrize("platform", SYSTEMS)
def test_bundle_contains_models_fonts_patches_icons_and_notices(on, platform):
    spec = on(platform)
    folders = {folder for _, folder in spec.one("Analysis").options["datas"] if "_resources" in folder}
    assert folders == {f"technogan/_resources/{name}" for name in ("clients", "fonts", "icons", "models")}
    assert "technogan/_resources/THIRD-PARTY-NOTICES.txt" in {entry[0] for entry in spec.one("COLLECT").arguments[-1]}


@pytest.mark.parametrize("platform", SYSTEMS)
@pytest.mark.parametrize("module", ["tensorflow", "keras", "torch", "librosa", "numba", "scipy", "tkinter", "pytest"])
def test_unused_packages_are_excluded(on, platform, module):
    assert module in on(platform).one("Analysis").options["excludes"]


@pytest.mark.parametrize("name", ["pyinstaller.spec", "scripts/bundle/bundle.sh", ".github/workflows/release.yml"])
def test_build_files_name_no_machine_and_no_package_index(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"/(home|work|Users)/|index-url|find-links|https://", text)


def test_freeze_support_is_called_first():
    lines = (ROOT / "app" / "__main__.py").read_text(encoding="utf-8").splitlines()
    code = [line.strip() for line in lines if line.startswith("    ") and not line.strip().startswith("#")]
    assert code[0] == "multiprocessing.freeze_support()"
