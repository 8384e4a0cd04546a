"""The page in a real browser: it shows the pictures that Python computes, and obeys its reader."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import invented_recording as invented
import numpy as np
import pytest
from test_page import page
from test_page_data import pictures_in_full, whole_traces

from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.report.data.gather import SessionRecords, page_data

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "twophoton_decode" / "report" / "script"
DRIVER = Path(__file__).parent / "browser" / "drive.mjs"
NODE = shutil.which("node")
CHROMIUM = os.environ.get("TPDECODE_CHROMIUM") or shutil.which("chromium") or ""

has_tools = NODE and (SCRIPT / "node_modules" / "playwright-core").exists()
needs_browser = pytest.mark.skipif(not has_tools, reason="needs node, and `make page-tools`")


def driven(html: str, folder: Path, *steps: tuple[str, Any]) -> dict[str, Any]:
    """What each step gave, and what went wrong in the page."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    return visited({"page": str(file)}, *steps)


def visited(where: dict[str, str], *steps: tuple[str, Any]) -> dict[str, Any]:
    """The same of a page in a file (`page`) or on a server (`url`)."""
    order = {
        **where,
        "steps": steps,
        "modules": str(SCRIPT / "node_modules"),
        "executable": CHROMIUM,
    }
    found = subprocess.run(
        [NODE, str(DRIVER)], input=json.dumps(order), capture_output=True, text=True, timeout=240
    )
    if "Failed to launch" in found.stderr or "error while loading shared" in found.stderr:
        pytest.skip(f"Chromium does not start here: {found.stderr.strip().splitlines()[-1]}")
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def explored(records: SessionRecords, **more: Any) -> str:
    summary = {"reconstruct": {name: {} for name in records.reconstructions}}
    return page(summary=summary, explorer=partial(page_data, records), **more)


@pytest.fixture(scope="module")
def records() -> SessionRecords:
    return SessionRecords(
        invented.responses(),
        {"ridge": invented.reconstruction(), "cell-selection": invented.by_decoder()["all-cells"]},
        curves={"ridge": invented.curves()},
        traces=whole_traces(),
    )


TEXT = "document.querySelector('{}').textContent"
LATER = "new Promise((tell) => setTimeout(() => tell({}), 600))"
INSIDE = "document.querySelector('#explorer').innerHTML"
FIRST = "document.querySelectorAll('#wall button')[0]"
TRIALS = (0, 17, 101, 239)
COUNTS = (0, 1, 6, 90)


@pytest.fixture(scope="module")
def visit(records, tmp_path_factory) -> dict[str, Any]:
    """One visit to the page; what each step gave, by name."""
    steps: dict[str, tuple[str, Any]] = {
        "ready": ("ready", None),
        "orders": ("evaluate", f"Promise.all({list(TRIALS)}.map((t) => tpdecode.order(t)))"),
        "pictures": (
            "evaluate",
            f"Promise.all([0, 1].flatMap((d) => {list(TRIALS)}.flatMap((t) => {list(COUNTS)}"
            ".map((n) => tpdecode.picture(d, [t], n)))))",
        ),
        "curve": ("evaluate", "tpdecode.curve(0, 17)"),
        "first": ("evaluate", f"{FIRST}.title + {FIRST}.textContent"),
        "strip": ("evaluate", "document.querySelectorAll('#strip canvas').length"),
        "focus slider": ("focus", "#count"),
        "right": ("press", "ArrowRight"),
        "count": ("evaluate", "tpdecode.now().count"),
        "label": ("evaluate", TEXT.format("#made-label")),
        "spoken": ("evaluate", "document.querySelector('#count').getAttribute('aria-valuetext')"),
        "end": ("press", "End"),
        "all": ("evaluate", TEXT.format("#made-label")),
        "next picture": ("press", "]"),
        "image": ("evaluate", "tpdecode.now().image"),
        "next trial": ("press", "."),
        "trial": ("evaluate", TEXT.format("#field-title")),
        "sort": ("select", ["#sorting", "name"]),
        "by name": ("evaluate", f"{FIRST}.title"),
        "filter": ("fill", ["#filter", "photo01"]),
        "filtered": ("evaluate", "document.querySelectorAll('#wall button').length"),
        "hover": ("hover", ".cell[data-cell='7']"),
        "hovered": ("evaluate", TEXT.format("#cell-name")),
        "leave out": ("click", "#leave-out"),
        "left": ("evaluate", "[...tpdecode.now().left]"),
        "fewer": ("evaluate", TEXT.format("#made-label")),
        "focus cell": ("focus", ".cell[data-cell='7']"),
        "arrow": ("press", "ArrowRight"),
        "neighbour": ("evaluate", "tpdecode.now().cell"),
        "other decoder": ("click", "#decoders-of-wall button:nth-child(2)"),
        "decoder": ("evaluate", "tpdecode.now().decoder"),
        "phone": ("size", [390, 844]),
        "wide": ("evaluate", LATER.format("document.documentElement.scrollWidth")),
        "dark": ("scheme", "dark"),
        "ground": ("evaluate", "getComputedStyle(document.body).backgroundColor"),
        "light": ("scheme", "light"),
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("page")
    found = driven(explored(records), folder, *steps.values())
    return dict(zip(steps, found["results"], strict=True)) | {"trouble": found["trouble"]}


@needs_browser
def test_the_page_opens_without_errors_and_asks_nothing_of_the_network(visit):
    assert visit["ready"] is True
    assert visit["trouble"] == []


@needs_browser
def test_cells_enter_in_the_order_of_the_analyses(visit, records):
    shown = records.responses
    order = strongest_first(shown.response, shown.responsive_others)
    assert visit["orders"] == order[list(TRIALS)].tolist()


@needs_browser
def test_the_pictures_and_scores_are_those_that_python_computes(visit, records):
    shown, found = records.responses, iter(visit["pictures"])
    for made in records.reconstructions.values():
        full = {count: pictures_in_full(made, shown, count) for count in COUNTS}
        for trial in TRIALS:
            image = shown.image[trial]
            mean = made.mean_picture[made.fold[image]].ravel()
            for count in COUNTS:
                there, expected = next(found), full[count][trial]
                error = np.abs(np.array(there["picture"]) - expected).max()
                assert error <= 0.01 * np.ptp(made.picture)
                r = invented.correlation(expected - mean, made.picture[image].ravel() - mean)
                assert there["r"] == pytest.approx(r if count else 0, abs=0.005)


@needs_browser
def test_the_curve_is_the_score_at_every_number_of_cells(visit, records):
    made, shown, trial = records.reconstructions["ridge"], records.responses, 17
    image = shown.image[trial]
    mean = made.mean_picture[made.fold[image]].ravel()
    target = made.picture[image].ravel() - mean
    for count in (1, 2, 5, 30, 90):
        full = pictures_in_full(made, shown, count)[trial] - mean
        assert visit["curve"][count] == pytest.approx(
            float(invented.correlation(full, target)), abs=0.005
        )
    assert len(visit["curve"]) == invented.CELLS + 1


@needs_browser
def test_the_reader_is_obeyed(visit, records):
    best = int(np.argmax(records.reconstructions["ridge"].r_average))
    r = records.reconstructions["ridge"].r_average[best]
    assert visit["first"].startswith(f"photo{best:03d}.png{best:03d}, R {r:.2f}, ")
    # Fourteen columns of what was shown and three reconstructions.
    assert visit["strip"] == 14 * 4
    count = int(records.curves["ridge"].cells_95) + 1  # one more than suffice
    assert visit["count"] == count
    assert visit["label"] == f"from the {count} strongest cells"
    assert visit["spoken"].startswith(f"{count} of 90 cells, R ")
    assert visit["all"] == "from all 90 cells"
    ranked = np.argsort(-records.reconstructions["ridge"].r_average, kind="stable")
    assert visit["image"] == ranked[3]
    assert visit["trial"] == "The cells, trial 1"
    assert visit["by name"] == "photo000.png"
    assert visit["filtered"] == 10
    assert visit["hovered"] == "Cell 7 (ROI 7)"
    assert visit["left"] == [7]
    assert visit["fewer"] == "from all 89 cells"
    traces, here = records.traces, visit["neighbour"]
    assert here != 7
    assert traces.center_x[here] > traces.center_x[7]
    assert visit["decoder"] == 1
    assert visit["wide"] <= 390
    assert visit["ground"] == "rgb(18, 19, 22)"


@needs_browser
def test_the_script_in_the_package_is_built_from_its_sources(tmp_path):
    package = json.loads((SCRIPT / "package.json").read_text())
    command = package["scripts"]["build"].replace("../page.js", str(tmp_path / "page.js"))
    esbuild = SCRIPT / "node_modules" / ".bin" / "esbuild"
    arguments = command.split()[1:]
    subprocess.run([str(esbuild), *arguments], cwd=SCRIPT, check=True, capture_output=True)
    built = (tmp_path / "page.js").read_bytes()
    assert built == (SCRIPT.parent / "page.js").read_bytes(), "run `make page`, and commit page.js"


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(records, tmp_path, scheme):
    found = driven(explored(records), tmp_path, ("scheme", scheme), ("ready", None), ("axe", None))
    assert found["results"][2] == []


EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'&\u202e"


@needs_browser
def test_names_of_files_run_nothing(records, tmp_path):
    shown = records.responses
    names = np.array([f"{EVIL}{i}" for i in range(invented.IMAGES)])
    hostile = dataclasses.replace(records, responses=dataclasses.replace(shown, image_name=names))
    found = driven(
        explored(hostile),
        tmp_path,
        ("ready", None),
        ("evaluate", "document.querySelectorAll('img, #wall img').length"),
        ("evaluate", TEXT.format("#picture-name")),
    )
    assert found["trouble"] == []
    assert found["results"][1] == 0
    assert found["results"][2].startswith(EVIL[:-1])


def cut(record: Any, **lengths: int) -> Any:
    """The record with the first things of some axes only."""
    changed = {}
    for name, spec in record.arrays():
        values = getattr(record, name)
        if values is not None and set(spec.axes) & set(lengths):
            kept = tuple(slice(lengths.get(axis)) for axis in spec.axes)
            changed[name] = np.asarray(values)[kept]
    return dataclasses.replace(record, **changed)


FIVE = {"image": 5, "presentation": 5 * invented.REPEATS}
CASES = {
    "one repeat": (90, invented.IMAGES),
    "imported": (90, invented.IMAGES),
    "stored pictures": (90, invented.IMAGES),
    "an unseen picture": (90, invented.IMAGES - 1),
    "one cell": (1, invented.IMAGES),
    "five pictures": (90, 5),
}


def lacking(case: str) -> SessionRecords:
    shown, made = invented.responses(), invented.reconstruction()
    if case == "one repeat":
        shown, made = invented.responses(1), invented.reconstruction(repeats=1)
    elif case == "imported":
        shown = dataclasses.replace(shown, roi=np.full(invented.CELLS, -1))
    elif case == "an unseen picture":
        kept = int((shown.image == 0).sum())
        assert (shown.image[:kept] == 0).all()
        rows = {
            name: np.asarray(getattr(record, name))[kept:]
            for record in (shown, made)
            for name, spec in record.arrays()
            if spec.axes[0] == "presentation" and getattr(record, name) is not None
        }
        single = rows.pop("single")
        shown = dataclasses.replace(shown, **rows)
        made = dataclasses.replace(made, image=rows["image"], single=single)
    elif case == "one cell":
        shown, made = cut(shown, cell=1), cut(made, cell=1)
    elif case == "five pictures":
        shown, made = cut(shown, **FIVE), cut(made, **FIVE)
    return SessionRecords(shown, {"ridge": made})


@needs_browser
@pytest.mark.parametrize("case", CASES)
def test_sessions_that_lack_something_open_all_the_same(case, tmp_path):
    cells, pictures = CASES[case]
    room = 0 if case == "stored pictures" else 15_000_000
    data = page_data(lacking(case), room)
    found = driven(
        page(explorer=lambda _: data, summary={"reconstruct": {"ridge": {}}}),
        tmp_path,
        ("ready", None),
        ("focus", "#count"),
        ("press", "End"),
        ("evaluate", TEXT.format("#made-label")),
        ("evaluate", "document.querySelectorAll('#wall button').length"),
        ("evaluate", f"{INSIDE}.match(/NaN|undefined|Infinity/)"),
    )
    assert found["trouble"] == []
    assert found["results"][3] == f"from all {cells} cell{'s' if cells > 1 else ''}"
    assert found["results"][4] == pictures
    assert found["results"][5] is None
