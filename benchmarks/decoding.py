"""The decoding kernels against their peers, and whole sessions against the clock.

    python benchmarks/decoding.py [PART]… [--pairs 3] [--quick] [--write]

PART is ridge, leave-one-out, selected, lasso, cell-count, whole or large; all by default. Peers
are looked for in environments of their own, named by the Python that has them:

    TPDECODE_PEER_HIMALAYA    himalaya, scikit-learn (default for the latter: this Python)
    TPDECODE_PEER_FASTL2LIR   fastl2lir 0.11, which needs numpy < 2.4

A peer that is not there is skipped, with words. Pairs are interleaved: peer, ours, peer, ours.
--quick makes every problem small: to see that it runs, not how fast.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import scipy

from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.strength import choose_penalty_per_feature
from twophoton_decode.kernels.selected_least_squares import selected_least_squares
from twophoton_decode.statistics.by_image import identical_rows

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "decoding.md"
ALPHAS = 10.0 ** np.linspace(0, 6, 25)
FOLDS = 10
TITLE = "# Decoding: kernels against peers, whole sessions\n"
HEAD = "| problem | against | peer, s | ours, s | times faster | reach | the same result |\n" + (
    "|---|---|---|---|---|---|---|\n"
)


def problem(quick, seed=0):
    """180 images shown 12 times, 726 rectifying cells, 1248 correlated features."""
    images, repeats, cells, features = (40, 4, 60, 80) if quick else (180, 12, 726, 1248)
    rng = np.random.default_rng(seed)
    patterns = rng.standard_normal((60, features)) / 8
    S = rng.standard_normal((images, 60)) @ patterns
    S += 0.3 * rng.standard_normal(S.shape)
    image = rng.permutation(np.repeat(np.arange(images), repeats))
    drive = S @ rng.standard_normal((features, cells)) / np.sqrt(features)
    X = np.maximum(drive, 0)[image] + 1.5 * rng.standard_normal((len(image), cells))
    return X - X.mean(axis=0), (S - S.mean(axis=0))[image], image


def peer_python(name):
    """The Python that has a peer, or None."""
    default = sys.executable if name == "scikit-learn" else ""
    variable = "FASTL2LIR" if name == "fastl2lir" else "HIMALAYA"
    python = os.environ.get(f"TPDECODE_PEER_{variable}", default)
    module = {"scikit-learn": "sklearn"}.get(name, name)
    found = python and subprocess.run([python, "-c", f"import {module}"], capture_output=True)
    return python if found and found.returncode == 0 else None


def pairs(name, arrays, ours, count):
    """Seconds of peer and ours, in turn, with the peer's results; None without the peer."""
    python = peer_python(name)
    if python is None:
        return None
    ours()
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for key, value in arrays.items():
            np.save(Path(folder) / f"{key}.npy", value)
        for _ in range(count):
            command = [python, str(HERE / "decoding_peers.py"), name, folder]
            subprocess.run(command, check=True, capture_output=True)
            peer = float((Path(folder) / "seconds.txt").read_text(encoding="utf-8"))
            start = time.perf_counter()
            ours()
            times.append((peer, time.perf_counter() - start))
        names = ("strength", "weights")
        paths = {key: Path(folder) / f"{key}.npy" for key in names}
        results = {key: np.load(path) for key, path in paths.items() if path.exists()}
    return times, results


def compared(what, name, found, reach, same):
    """One row of the table."""
    if found is None:
        return f"| {what} | {name} | not installed | | | {reach} | |\n"
    peer, ours = np.array(found[0]).T
    ratio = median(peer / ours)
    return (
        f"| {what} | {name} | {median(peer):.2f} | {median(ours):.2f} | "
        f"**{ratio:.1f}** ({(peer / ours).min():.1f} to {(peer / ours).max():.1f}) | "
        f"≥ {reach} | {same(found[1])} |\n"
    )


def ridge_against(name, grouping, what, options):
    """One cross-validated strength for each target, with the same groups on both sides."""
    X, Y, image = problem(options.quick)
    group = image % FOLDS if grouping == "folds" else np.arange(len(X))
    relative = ALPHAS / ((X**2).sum() / X.shape[1])
    decoder = Ridge(strengths=relative, per_feature=True)
    arrays = {"X": X, "Y": Y, "fold": group, "alphas": ALPHAS}
    found = pairs(name, arrays, lambda: decoder.fit(X, Y, groups=group), options.pairs)
    target, first = identical_rows(Y)
    choose = choose_penalty_per_feature(TrainingResponses(X, target, group), relative)
    chosen = choose(Y[first] - Y.mean(axis=0)).strength

    def same(results):
        alike = np.isclose(results["strength"], chosen, rtol=1e-6).mean()
        difference = np.abs(results["weights"] - decoder.coef_).max() / np.abs(decoder.coef_).max()
        return f"strengths {100 * alike:.1f} %, weights to {difference:.0e}"

    return HEAD + compared(what, name, found, 2, same)


def ridge(options):
    return ridge_against("himalaya", "folds", "ridge, a strength per target, 10 folds", options)


def leave_one_out(options):
    what = "ridge, a strength per target, presentations left out singly"
    return ridge_against("scikit-learn", "presentations", what, options)


def strongest(moments, norm, count):
    """The `count` cells that correlate most with each target, as booleans (cells, targets)."""
    r = np.abs(moments.T) / norm
    chosen = np.argpartition(r, -count, axis=1)[:, -count:]
    selected = np.zeros(r.shape, dtype=bool)
    np.put_along_axis(selected, chosen, True, axis=1)
    return selected.T


def selected(options):
    """Ridge on the cells that correlate most with each target."""
    X, Y, _ = problem(options.quick)
    alpha, lines = 100.0, HEAD
    for count in (20, 40) if options.quick else (200, 500):

        def ours(count=count):
            gram, moments = X.T @ X, X.T @ Y
            chosen = strongest(moments, np.sqrt(np.diag(gram)), count)
            return selected_least_squares(gram + alpha * np.eye(len(gram)), moments, chosen)

        weights = ours()
        arrays = {"X": X, "Y": Y, "alpha": np.array(alpha), "count": np.array(count)}
        found = pairs("fastl2lir", arrays, ours, options.pairs)

        def same(results, weights=weights):
            return f"weights to {np.abs(results['weights'] - weights).max():.0e}"

        what = f"ridge on {count} selected cells of {X.shape[1]}"
        lines += compared(what, "fastl2lir", found, 5, same)
    return lines


def of_another_file(name, options):
    """What another benchmark prints, and writes into results of its own."""
    path = HERE / name
    if not path.exists():
        return f"{name} is not here.\n"
    command = [sys.executable, str(path), *(["--write"] if options.write else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{name} failed:\n\n{done.stderr[-2000:]}\n"
    return done.stdout.replace("\n# ", "\n### ").removeprefix("# ")


def lasso(options):
    return of_another_file("sparse_path.py", options)


def cell_count(options):
    return of_another_file("cell_count.py", options)


def pictures(count, side, rng):
    """Pictures with the spectrum of natural ones, 1/f."""
    f = np.fft.fftfreq(side)
    amplitude = 1.0 / np.maximum(np.hypot(f[:, None], f), 1.0 / side)
    spectrum = np.fft.fft2(rng.standard_normal((count, side, side))) * amplitude
    found = np.fft.ifft2(spectrum).real
    return (found / found.std()).astype(np.float32)


def recording(images, repeats, cells, seed=0, side=32):
    """Pictures, and responses of cells with localised receptive fields, (repeat, image, cell)."""
    rng = np.random.default_rng(seed)
    shown = pictures(images, side, rng)
    y, x = np.mgrid[:side, :side]
    fields = np.empty((cells, side, side), dtype=np.float32)
    for field in fields:
        cy, cx = rng.uniform(4, side - 4, 2)
        angle, phase = rng.uniform(0, np.pi, 2)
        along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        field[:] = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 18) * np.cos(along / 1.3 + 2 * phase)
    drive = np.maximum(np.tensordot(shown, fields, ([1, 2], [1, 2])), 0)
    drive /= drive.std()
    noise = rng.standard_normal((repeats, images, cells), dtype=np.float32)
    return shown, drive + 1.5 * noise


def tpdecode(*arguments):
    """Seconds of one command."""
    start = time.perf_counter()
    program = "from twophoton_decode.cli.main import main; main()"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - start


def session(folder, size, settings):
    """A session of imported arrays; `settings` are lines of session.toml by section."""
    shown, response = recording(*size)
    np.save(folder / "R.npy", response)
    np.save(folder / "I.npy", shown)
    made = folder / "S"
    arrays = ["--responses", folder / "R.npy", "--axes", "repeat image cell"]
    seconds = tpdecode("import", "arrays", *arrays, "--images", folder / "I.npy", "-o", made)
    path = made / "session.toml"
    text = path.read_text(encoding="utf-8")
    for section, lines in settings.items():
        for line in lines:
            text = with_setting(text, section, line)
    path.write_text(text, encoding="utf-8")
    return made, seconds


def with_setting(text, section, line):
    """The text of session.toml with one setting exchanged or added."""
    key, out, inside = line.split("=")[0].strip(), [], False
    for old in text.splitlines():
        if old.startswith("["):
            inside = old.strip() == f"[{section}]"
        if not (inside and old.split("=")[0].strip() == key):
            out.append(old)
        if old.strip() == f"[{section}]":
            out.append(line)
    return "\n".join(out) + ("\n" if f"[{section}]" in text else f"\n[{section}]\n{line}\n")


def timed(made, steps, reach):
    """Commands on a session with their seconds, and the most memory that one of them took."""
    lines, total = "| command | s |\n|---|---|\n", 0.0
    for step in steps:
        seconds = tpdecode(step[0], made, *step[1:], "-q")
        total += seconds
        lines += f"| `tpdecode {step[0]} S {' '.join(step[1:])}` | {seconds:.1f} |\n"
        sys.stderr.write(lines.splitlines()[-1] + "\n")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return f"{lines}| **together** | **{total:.1f}** |\n\nMemory: {memory:.1f} GiB. {reach}\n"


def whole(options):
    """All decoders and both reports of an ordinary session."""
    size = (24, 4, 40) if options.quick else (200, 12, 726)
    with tempfile.TemporaryDirectory() as folder:
        made, _ = session(Path(folder), size, {})
        steps = [
            ("reconstruct", "--decoder", "all"),
            ("sparsity-report", "--decoder", "all"),
            ("encode",),
            ("stability-report", "--decoder", "all"),
        ]
        rows = timed(made, steps, "Reach: at most 180 s and 4 GB.")
    return f"{size[2]} cells, {size[0]} images, {size[1]} repeats, 1248 Gabor features.\n\n{rows}"


def large(options):
    """Ridge and bayes with more cells than presentations, curves up to 500 cells."""
    size = (40, 2, 150) if options.quick else (2800, 2, 10_000)
    permutations = options.permutations
    settings = {
        "decoding": ['features = "pixels"', f"permutations = {permutations}", "folds = 10"],
        "cell_count": ["largest_count = 500", "refitted_count = 0", "learning_curves = false"],
    }
    chosen = ("--decoder", "ridge", "--decoder", "bayes")
    with tempfile.TemporaryDirectory() as folder:
        made, seconds = session(Path(folder), size, settings)
        steps = [("reconstruct", *chosen), ("sparsity-report", *chosen)]
        rows = timed(made, steps, "Reach: at most 600 s and 12 GB.")
    return (
        f"{size[2]} cells, {size[0]} images, {size[1]} repeats, 32×32 pixels, 10 folds, "
        f"{permutations} permutations, curves up to 500 cells; import {seconds:.0f} s.\n\n{rows}"
    )


PARTS = {
    "ridge": ridge,
    "leave-one-out": leave_one_out,
    "selected": selected,
    "lasso": lasso,
    "cell-count": cell_count,
    "whole": whole,
    "large": large,
}


def machine():
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as many as cores")
    return (
        f"Machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, load "
        f"average {os.getloadavg()[0]:.1f} at the end; linear-algebra threads: {threads}; Python "
        f"{platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}.\n"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--pairs", type=int, default=3, help="interleaved runs against a peer")
    parser.add_argument("--permutations", type=int, default=5, help="of the large problem")
    parser.add_argument("--quick", action="store_true", help="small problems, to see that it runs")
    parser.add_argument("--write", action="store_true", help=f"write results/{RESULTS.name}")
    options = parser.parse_args()
    if unknown := set(options.part) - set(PARTS):
        parser.error(
            f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
        )
    for part in options.part or PARTS:
        command = f"Command: `python benchmarks/decoding.py {' '.join(sys.argv[1:])}`.\n"
        text = f"{PARTS[part](options)}\n{machine()}{command}"
        sys.stdout.write(f"## {part}\n\n{text}\n")
        if options.write and PARTS[part] not in (lasso, cell_count):
            write(part, text)


def write(part, text):
    """Put one part into the results; the others keep what an earlier run wrote."""
    title, *old = (RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else TITLE).split(
        "\n## "
    )
    found = dict(section.split("\n", 1) for section in old) | {part: f"\n{text}"}
    sections = [f"## {name}\n{found[name].rstrip()}\n" for name in PARTS if name in found]
    RESULTS.write_text("\n".join([title.rstrip() + "\n", *sections]), encoding="utf-8")


if __name__ == "__main__":
    main()
