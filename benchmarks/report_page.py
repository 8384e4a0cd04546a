"""How large the report page is, how long it takes to write, to open, and to move the slider.

    python benchmarks/report_page.py FOLDER [--pictures 2000]

Makes 726 simulated cells, 200 pictures, 12 repeats in FOLDER (unless they are there), decodes them
with three decoders, writes the page, and opens it in headless Chromium. Needs node, and `npm ci`
in twophoton_decode/report/script.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
CELLS, REPEATS = 726, 12
STEPS = 100
SLIDER = f"""(async () => {{
  document.querySelector(".bench").scrollIntoView();
  for (let step = 1; step <= {STEPS}; step++) {{
    tpdecode.change({{ count: 6 * step }});
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }}
}})()"""


def turned(count: int, generator: np.random.Generator) -> np.ndarray:
    """Pictures in [0, 1]: the photographs hold too few, so they are turned and mirrored as well."""
    from twophoton_decode.simulation.pictures import natural_pictures

    if count <= 200:
        half = natural_pictures(count // 2, 32, generator)
        return np.concatenate([half, np.rot90(half, 1, (1, 2))])
    crops = natural_pictures(-(-count // 8), 32, generator, largest_overlap=0.6)
    both = np.concatenate([crops, crops[:, :, ::-1]])
    return np.concatenate([np.rot90(both, turn, (1, 2)) for turn in range(4)])[:count]


def make_arrays(folder: Path, count: int) -> None:
    """Spikes of the simulated population, and noise as of a microscope."""
    from twophoton_decode.simulation.parameters import SimulationParameters, generators
    from twophoton_decode.simulation.population import population, trial_responses

    tuning = SimulationParameters(cells=CELLS).tuning
    streams = generators(3)
    pictures = np.rint(255 * turned(count, streams["pictures"])).astype(np.uint8)
    image = np.concatenate([streams["order"].permutation(count) for _ in range(REPEATS)])
    drawn = population(pictures / 255.0, CELLS, tuning, streams["population"])
    still = np.zeros(image.size, bool)
    spikes = trial_responses(drawn, image, still, tuning, streams["trials"])
    ordered = np.empty((REPEATS, count, CELLS), np.float32)
    ordered[np.repeat(np.arange(REPEATS), count), image] = 0.1 * spikes
    noise = np.random.default_rng(0).normal(0, 0.03, ordered.shape)
    np.save(folder / "responses.npy", ordered + noise.astype(np.float32))
    np.save(folder / "images.npy", pictures)


def tpdecode(*arguments: str) -> None:
    run = "from twophoton_decode.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", run, *arguments], check=True)


def make_session(folder: Path, pictures: int) -> Path:
    session = folder / "S"
    if (session / "reconstruction" / "cell-selection.nc").exists():
        return session
    make_arrays(folder, pictures)
    arrays = ("--responses", str(folder / "responses.npy"), "--axes", "repeat image cell")
    tpdecode(
        "import", "arrays", *arrays, "--images", str(folder / "images.npy"), "-o", str(session)
    )
    settings = session / "session.toml"
    text = settings.read_text().replace("permutations = 1000", "permutations = 20")
    settings.write_text(text.replace("refits = 40", "refits = 1"))
    tpdecode("respond", str(session))
    for decoder in ("ridge", "all-cells", "cell-selection"):
        tpdecode("reconstruct", str(session), "--decoder", decoder)
    tpdecode("encode", str(session))
    return session


def visited(where: dict[str, str]) -> tuple[float, float, float]:
    """Seconds until the page is usable, of CPU until all is drawn, of CPU for a slider's step.

    `where` names a file (`page`) or a server (`url`).
    """
    order = {
        **where,
        "modules": str(ROOT / "twophoton_decode/report/script/node_modules"),
        "executable": os.environ.get("TPDECODE_CHROMIUM", ""),
        "steps": [
            ["ready", None],
            ["evaluate", "performance.getEntriesByName('usable')[0].startTime"],
            ["cpu", None],
            ["evaluate", SLIDER],
            ["cpu", None],
        ],
    }
    command = ["node", str(ROOT / "tests/report/browser/drive.mjs")]
    found = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True)
    if not found.stdout:
        raise SystemExit(found.stderr)
    _, ready, before, _, after = json.loads(found.stdout)["results"]
    return ready / 1000, before, (after - before) / STEPS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=200)
    folder, pictures = (asked := parser.parse_args()).folder, asked.pictures
    folder.mkdir(parents=True, exist_ok=True)
    session = make_session(folder, pictures)
    page = session / "report.html"
    page.unlink(missing_ok=True)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    tpdecode("report", str(session))
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"page {page.stat().st_size / 1e6:.1f} MB")
    memory = after.ru_maxrss / 1e6
    print(f"report {wall:.0f} s, {cpu:.0f} s of CPU; most memory of a step {memory:.2f} GB")
    for _ in range(3):
        ready, opening, step = visited({"page": str(page)})
        print(
            f"usable after {ready:.2f} s, all drawn after {opening:.2f} s of CPU; a step of the "
            "slider, drawn, "
            f"{1000 * step:.0f} ms of CPU; load {os.getloadavg()[0]:.1f}"
        )


if __name__ == "__main__":
    main()
