"""The structure of the packages: no circles, and no folder too large to read."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("technogan", "app", "training", "scripts")
MOST_MODULES = 20


def modules():
    """Return every module by its dotted name."""
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports_of(path, known):
    """Return the modules that a file imports anywhere: in functions and under TYPE_CHECKING as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                found.add(submodule if submodule in known else node.module)
    return found & known.keys()


def circles(graph):
    """Return the strongly connected components of more than one module. Source: Tarjan 1972."""
    index: dict = {}
    low: dict = {}
    stack: list = []
    found: list = []

    def visit(module):
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in graph[module]:
            if other not in index:
                visit(other)
            if other in stack:
                low[module] = min(low[module], low[other])
        if low[module] == index[module]:
            position = stack.index(module)
            component, stack[position:] = stack[position:], []
            if len(component) > 1 or module in graph[module]:
                found.append(sorted(component))

    for module in graph:
        if module not in index:
            visit(module)
    return found


def test_no_module_imports_another_in_a_circle():
    known = modules()
    assert circles({module: imports_of(path, known) for module, path in known.items()}) == []


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_imports_in_functions_and_for_type_checking_count(tmp_path):
    source = "if TYPE_CHECKING:\n    from a.b import C\ndef f():\n    import a.d\n    from a import e\n"
    (tmp_path / "m.py").write_text(source, encoding="utf-8")
    known = dict.fromkeys(("a", "a.b", "a.d", "a.e"), tmp_path)
    assert imports_of(tmp_path / "m.py", known) == {"a.b", "a.d", "a.e"}


@pytest.mark.parametrize("package", ["technogan", "app"])
def test_folders_stay_small(package):
    folders = [path for path in (ROOT / package).rglob("*") if path.is_dir() and path.name != "widgets"]
    sizes = {
        str(folder.relative_to(ROOT)): sum(path.name != "__init__.py" for path in folder.glob("*.py"))
        for folder in [ROOT / package, *folders]
    }
    assert {folder: size for folder, size in sizes.items() if size > MOST_MODULES} == {}
