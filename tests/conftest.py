"""What tests of several rooms share: small data of known kind, made here from a seed."""

import io
import os
import signal
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent

# A shell starts background jobs with Ctrl-C ignored, which child processes inherit: the tests of
# Ctrl-C, run with ``make test &``, would wait for what never comes.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def sketched_figures():
    """Draw each figure once and coarsely: its three files take most of a small session's time.

    A figure that cannot be drawn still fails. Tests of figures' own files ask for `whole_figures`.
    """
    from twophoton_decode.figures.canvas import drawing

    plainly = drawing._saved

    def saved(figure, kind):
        if WHOLE_FIGURES:
            return plainly(figure, kind)
        if kind != "png":
            return f"a sketch has no {kind}".encode()
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=30, metadata={"Software": None})
        return stream.getvalue()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "_saved", saved)
        yield


WHOLE_FIGURES = []


@pytest.fixture(scope="module")
def whole_figures():
    """All files of a figure as a user gets them, for the tests of a module that look at them."""
    WHOLE_FIGURES.append(True)
    yield
    WHOLE_FIGURES.pop()


@pytest.fixture(scope="session")
def real_data():
    """The folder with real recordings; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("TPDECODE_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real recordings are not here: {folder} (set TPDECODE_REAL_DATA)")
    return folder


def linear_population(images=24, repeats=3, cells=30, side=12, noise=0.3, seed=0):
    """Pictures of smooth noise and cells that respond to them linearly, above a threshold."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(size=(images, side // 3, side // 3))
    pictures = np.kron(coarse, np.ones((3, 3))) + 0.1 * rng.normal(size=(images, side, side))
    filters = rng.normal(size=(cells, side // 3, side // 3)) / (side // 3)
    drive = np.einsum("iyx,kyx->ik", coarse, filters)
    trials = drive + noise * rng.normal(size=(repeats, images, cells))
    return np.maximum(trials, 0).astype(np.float32), pictures.astype(np.float32)


def over_images(scores):
    """Scores of sessions, arrays over images with the interval of their mean."""
    from twophoton_decode.analyses.sessions.measures import OverImages
    from twophoton_decode.statistics.image_mean import image_mean

    return {
        key: OverImages(each, image_mean(each).interval) if isinstance(each, np.ndarray) else each
        for key, each in scores.items()
    }


@pytest.fixture(scope="session")
def small_arrays(tmp_path_factory):
    """Options of ``tpdecode import arrays`` for a population that decodes well."""
    folder = tmp_path_factory.mktemp("arrays")
    responses, pictures = linear_population()
    np.save(folder / "R.npy", responses)
    np.save(folder / "I.npy", pictures)
    return (
        "--responses", str(folder / "R.npy"), "--axes", "repeat image cell",
        "--images", str(folder / "I.npy"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def simulated_population(tmp_path_factory):
    """A simulation in Python and its session, run as far as the front door's examples go."""
    import twophoton_decode as tp

    path = tmp_path_factory.mktemp("front door") / "population"
    made = tp.simulate(cells=30, images=16, repeats=4, picture_px=32, session=path)
    made.session.set("decoding.permutations", 50)
    made.session.set("decoding.bootstraps", 100)
    made.session.set("run.decoders", ["ridge"])
    made.session.run("respond", "reconstruct", say=None)
    return made


@pytest.fixture
def tpdecode(capfd):
    """Run the program in this process: exit code, standard output and error."""
    from twophoton_decode.cli.main import main

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        output = capfd.readouterr()
        return int(end.value.code or 0), output.out, output.err

    return run
