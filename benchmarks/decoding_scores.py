"""What the decoders reach on public recordings, and what chance is there.

Antolik, Hofer, Bednar, Mrsic-Flogel, PLoS Comput Biol 2016 (doi 10.1371/journal.pcbi.1004927):
50 natural images, leave one image out. Run from the repository's root:

    python benchmarks/decoding_scores.py [--write]

The recordings are looked for in $TPDECODE_REAL_DATA, else ../shared/data.
"""

import argparse
import os
import platform
import sys
import time
from pathlib import Path

import numpy as np

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.bootstrap import resampled_means

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("TPDECODE_REAL_DATA", ROOT / "../shared/data")) / "antolik2016"
RESULTS = Path(__file__).parent / "results" / "decoding_scores.md"
REMARKS = "## What else was tried"
"""What stands from here on in the results was written by hand, and is kept."""
CASES = [
    ("pixels", "ridge", "none"),
    ("prior-components", "ridge", "none"),
    ("prior-components", "bayes", "none"),
    ("gabor", "bayes", "none"),
    ("gabor", "bayes", "power-0.7"),
]
"""Features, decoder, transform; the first one is what the others are compared with."""
HEAD = [
    "region",
    "features",
    "decoder",
    "transform",
    "r_average",
    "r_single",
    "r_average minus pixel ridge",
    "r_single minus pixel ridge",
    "cd_average",
    "cd_single",
    "two_way",
    "coverage_90",
    "chance_r",
    "chance_r_single",
    "p",
    "seconds",
]
RESAMPLINGS = 10_000
WIDER = 2**0.5
"""Images train each other's folds: the variance is about twice that of independent images."""


def antolik(region: str) -> Responses:
    """Single-trial responses of one region in the program's record."""
    response = np.load(DATA / region / "raw_validation_set.npy", allow_pickle=False)
    pictures = np.load(DATA / region / "validation_inputs.npy", allow_pickle=False)
    repeats, images, cells = response.shape
    presentations = repeats * images
    return Responses(
        **PopulationStatistics.undefined(cells, images),
        response=response.reshape(presentations, cells),
        image=np.tile(np.arange(images), repeats),
        repeat=np.repeat(np.arange(repeats), images),
        onset_s=np.full(presentations, np.nan),
        picture=pictures.reshape(images, 31, 31),
        image_name=np.arange(images).astype(str),
        roi=np.full(cells, -1),
        responsive=np.zeros((cells, images)),
        responsive_others=np.zeros((presentations, cells)),
        excluded_line=[],
        excluded_reason=np.array([], dtype=str),
        response_unit="a.u.",
        has_baseline=False,
        responsiveness_test="not needed here",
        dropped_cells=0,
        dropped_rois=[],
        notes=[],
    )


def fitted(region: str, features: str, decoder: str, transform: str) -> Reconstruction:
    """Every image reconstructed by a fit to the other 49."""
    settings = DecodingSettings(features=features, folds=50, permutations=20, transform=transform)
    return reconstruct(antolik(region), decoder, settings)


def paired(made: np.ndarray, reference: np.ndarray) -> str:
    """Mean difference over images and its bootstrap 95 % interval, widened."""
    difference = made - reference
    mean = difference.mean()
    images = np.arange(len(difference))
    means = resampled_means(difference, images, RESAMPLINGS, np.random.default_rng(0))
    bounds = np.percentile(means, [2.5, 97.5])
    low, high = mean + WIDER * (bounds - mean)
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"


def row(made: Reconstruction, reference: Reconstruction) -> list[str]:
    """One line of the table, without its beginning and the seconds."""
    numbers = [
        made.cd_average.mean(),
        made.cd_single.mean(),
        made.two_way_average.mean(),
        made.coverage_90,
        made.chance_r.mean(),
        made.chance_r_single.mean(),
        made.p_value,
    ]
    return [
        f"{made.r_average.mean():.3f}",
        f"{made.r_single.mean():.3f}",
        paired(made.r_average, reference.r_average),
        paired(made.r_single, reference.r_single),
        *(f"{number:.3f}" for number in numbers),
    ]


def table() -> str:
    """All regions and cases, as Markdown."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for region in ("region1", "region2"):
        reference = None
        for case in CASES:
            start = time.perf_counter()
            made = fitted(region, *case)
            seconds = f"{time.perf_counter() - start:.1f}"
            reference = reference or made
            lines.append("| " + " | ".join([region, *case, *row(made, reference), seconds]) + " |")
            sys.stderr.write(lines[-1] + "\n")
    return "\n".join(lines)


def report() -> str:
    """The table with how it was made."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return (
        "# Decoding scores on Antolik et al. (2016)\n\n"
        "Leave one of 50 images out, mean training image subtracted; chance: 20 refits with "
        "permuted images. Differences are paired over images, with bootstrap 95 % intervals made "
        "√2 wider, because images train each other's folds.\n\n"
        f"{table()}\n\nCommand: `python benchmarks/decoding_scores.py --write`. Machine: "
        f"{machine}, NumPy {np.__version__}; other work ran beside, so seconds are upper bounds.\n"
    )


def main() -> None:
    """Print the report, and keep it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    text = report()
    sys.stdout.write(text)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        _, heading, remarks = RESULTS.read_text(encoding="utf-8").partition(REMARKS)
        RESULTS.write_text(text + "\n" * bool(heading) + heading + remarks, encoding="utf-8")


if __name__ == "__main__":
    main()
