"""The direction of imports, lazy imports, and what each room may use."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "twophoton_decode"
FILES = sorted(PACKAGE.rglob("*.py"))

# Rooms in one row do not import each other; a room imports only from rows above it.
ROWS = [
    {"errors", "progress", "visible", "words"},
    {"registry"},
    {"kernels", "settings", "records"},
    {"statistics", "files"},
    {"recording", "stimulus", "extraction", "responses", "features"},
    {"decoding"},
    {"encoding"},
    {"analyses"},
    {"formats", "simulation", "figures", "deep"},
    {"report"},
    {"pipeline"},
    {"cli", "api"},
    {"__init__", "__main__"},
]
LEVEL = {room: level for level, row in enumerate(ROWS) for room in row}
SESSION_MAY_IMPORT = {
    "errors", "progress", "visible", "settings", "records", "files", "session",
}  # fmt: skip


def room_of(path):
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            # The version is no room: everyone may say it.
            if [alias.name for alias in node.names] != ["__version__"]:
                yield node.module


def rooms_imported(path):
    for module in imported_modules(path):
        if module.split(".")[0] == "twophoton_decode":
            yield [*module.split("."), "__init__"][1]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    room = room_of(path)
    for other in rooms_imported(path):
        if room == "session":
            assert other in SESSION_MAY_IMPORT, f"session imports {other}"
        elif other == "session":
            assert room in ("pipeline", "cli", "api"), f"{room} imports session"
        else:
            assert other == room or LEVEL[other] < LEVEL[room], f"{room} imports {other}"


FIGURES_MAY_IMPORT = {"errors", "progress", "visible", "words", "records", "figures"}
FIGURES_MAY_USE = {"numpy", "matplotlib"}
COMPUTATIONS = {
    "mean", "nanmean", "average", "median", "nanmedian", "std", "nanstd", "var", "percentile",
    "nanpercentile", "quantile", "nanquantile", "corrcoef", "cov", "correlate", "polyfit",
    "lstsq", "solve", "svd", "convolve", "histogram", "bincount", "reduceat",
    "default_rng", "choice", "permutation", "spearmanr", "pearsonr",
}  # fmt: skip
FIGURES = [path for path in FILES if room_of(path) == "figures"]


@pytest.mark.parametrize("path", FIGURES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_figures_draw_what_records_hold(path):
    assert set(rooms_imported(path)) <= FIGURES_MAY_IMPORT
    others = {module.split(".")[0] for module in imported_modules(path)} - {"twophoton_decode"}
    assert others <= FIGURES_MAY_USE | set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", FIGURES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_figures_compute_nothing(path):
    """Only the limits of colour scales are percentiles of what is shown."""
    if path.stem == "limits":
        return
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    called = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    assert not called & COMPUTATIONS


MOST_IN_A_ROOM = 14
ROOMS = sorted({path.parent for path in FILES} - {PACKAGE})


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_room_is_crowded(room):
    modules = [each for each in room.glob("*.py") if each.name != "__init__.py"]
    rooms = [each for each in ROOMS if each.parent == room]
    assert len(modules) <= MOST_IN_A_ROOM
    assert len(rooms) <= MOST_IN_A_ROOM


def is_deep(path):
    return room_of(path) == "deep"


def is_batch(path):
    return path.parent == PACKAGE / "pipeline" / "batch"


OWNED = {
    "numba": lambda path: room_of(path) == "kernels",
    "click": lambda path: room_of(path) == "cli",
    "rich": lambda path: room_of(path) == "cli",
    "suite2p": lambda path: path.parent == PACKAGE / "extraction" / "suite2p",
    "torch": lambda path: path.parent == PACKAGE / "extraction" / "suite2p" or is_deep(path),
    "torchvision": lambda path: is_deep(path),
    "timm": lambda path: is_deep(path),
    "umap": lambda path: is_deep(path),
    "onnx": lambda path: is_deep(path),
    "distributed": is_batch,
    "dask_jobqueue": is_batch,
}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_some_libraries_have_one_room(path):
    for module in imported_modules(path):
        owner = OWNED.get(module.split(".")[0])
        assert owner is None or owner(path), f"{path} imports {module}"


HEAVY = {
    "torch", "torchvision", "timm", "umap", "onnx", "suite2p", "numba", "sklearn", "xarray",
    "matplotlib", "scipy", "skimage", "h5netcdf", "tifffile", "pandas", "pydantic",
    "distributed", "dask_jobqueue",
}  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "import twophoton_decode",
        "from twophoton_decode.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass",
        "from twophoton_decode.registry import DECODERS, FEATURE_SPACES\n"
        "DECODERS.names(), FEATURE_SPACES.names()",
    ],
)
def test_heavy_libraries_load_only_when_used(statement):
    script = f"{statement}\nimport sys, json; print('\\n' + json.dumps(sorted(sys.modules)))"
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    loaded = set(json.loads(output.splitlines()[-1]))
    assert "twophoton_decode" in loaded
    assert not loaded & HEAVY


def test_arrays_reach_the_report_without_suite2p_and_torch(tmp_path, small_arrays):
    script = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('suite2p', 'torch'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from twophoton_decode.figures.canvas import drawing\n"
        "drawing.PNG_DPI = 30\n"
        "del drawing._METADATA['pdf'], drawing._METADATA['svg']\n"
        "from twophoton_decode.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
    )
    session = str(tmp_path / "S")

    def run(*arguments):
        command = [sys.executable, "-c", script, *arguments]
        subprocess.run(command, check=True, capture_output=True, text=True)

    run("import", "arrays", "-o", session, *small_arrays)
    run("run", session, "--decoder", "ridge")
    assert (tmp_path / "S" / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_hold_one_concept(path):
    lines = path.read_text().splitlines()
    assert len(lines) <= 320
    assert path.stem not in {"utils", "helpers", "misc", "common", "manager"}
    assert not lines or lines[0].startswith('"""'), "the first line says what the file is about"
