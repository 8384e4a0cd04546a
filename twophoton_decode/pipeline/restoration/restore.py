"""From a noisy movie to a restored one, and a page that says what restoration did."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode import __version__
from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.microscope.restoration.fitting import STEPS, Fitted, budget_of, fit
from twophoton_decode.deep.microscope.restoration.light import Light, measure_light
from twophoton_decode.deep.microscope.restoration.network import WINDOW
from twophoton_decode.deep.microscope.restoration.streaming import (
    Levels,
    restore_into,
)
from twophoton_decode.errors import MovieError
from twophoton_decode.files.atomic import write_bytes, write_text
from twophoton_decode.pipeline.deep.results import record_bytes
from twophoton_decode.pipeline.restoration.controls import (
    AVERAGE,
    METHODS,
    RAW,
    RESTORED,
    Controls,
    best_average,
    count_controls,
    ways,
)
from twophoton_decode.pipeline.restoration.good_movie import Degradation
from twophoton_decode.pipeline.restoration.looks import MovieLook, look_at
from twophoton_decode.pipeline.restoration.movie import Movie, Wanted, open_movie
from twophoton_decode.pipeline.restoration.output import (
    MARK,
    check_output,
    levels_for,
    open_unfinished,
    unfinished_folder,
)
from twophoton_decode.pipeline.restoration.page import restoration_page
from twophoton_decode.pipeline.restoration.scenes import DEFAULT_RATE_HZ
from twophoton_decode.pipeline.restoration.sources import (
    SIMULATION,
    Examples,
    examples_for,
    loss_for,
)
from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.levels.calibration import calibration_note
from twophoton_decode.records import Recording
from twophoton_decode.records.deep.restoration import Restoration

_SATURATED_SHARE = 1e-4


@dataclass(frozen=True)
class Choice:
    """How a movie is restored.

    Attributes
    ----------
    loss : str
        ssim, mse or pix2pix; empty: ssim, or mse where the movie itself is learned from.
    train_on : str
        simulation, self, or the file of a good recording.
    degradation : Degradation
        How that recording differs from the movie.
    steps, seed : int
        Of training.
    device : str
    dark : float or None
        Grey level without light; None: by the noise.
    wanted : Wanted
        Which images of the files.
    """

    loss: str = ""
    train_on: str = SIMULATION
    steps: int = STEPS
    seed: int = 0
    device: str = "cpu"
    dark: float | None = None
    degradation: Degradation = Degradation()
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True)
class Outputs:
    """The files of a restored movie."""

    movie: Path
    page: Path
    record: Path

    @classmethod
    def of(cls, movie: Path) -> Outputs:
        """The page and the numbers lie beside the movie, under its name."""
        return cls(movie, movie.with_suffix(".html"), movie.with_suffix(".nc"))


def restore(
    paths: Sequence[Path], file: Path, choice: Choice, progress: Progress = silent
) -> Restoration:
    """Restore a movie into `file`, with a page and the numbers beside it.

    An interrupted call is gone on from when it is repeated: training from its last checkpoint,
    restoring from the last chunk of frames.

    Raises
    ------
    UsageError
        The output cannot go there, is there already, or is a file of the raw movie.
    MovieError
        Several planes, too few frames, a constant movie, or frames that are not finite.
    TrainingError, DeviceError
        As training raises them.
    KeyboardInterrupt
        After what was made so far has been kept.
    """
    choice = replace(choice, loss=loss_for(choice.train_on, choice.loss))
    movie, outputs = open_movie(paths, choice.wanted), Outputs.of(file)
    recording = movie.recording
    check_output(file, (outputs.page, outputs.record), recording)
    if recording.frames < WINDOW:
        raise MovieError(
            f"the movie has {recording.frames} frames, but the network sees {WINDOW} at a time: "
            "expected a longer movie."
        )
    light = measure_light(recording, choice.dark)
    rate = movie.rate_hz or DEFAULT_RATE_HZ
    unfinished_folder(file).mkdir(exist_ok=True)
    examples = examples_for(
        choice.train_on, recording, light, rate, choice.degradation, choice.seed, progress
    )
    fitted = _trained(examples, choice, file, progress)
    restorer = fitted.restorer
    average = best_average(examples.simulated, restorer.peak)
    chosen = ways(restorer, average)
    found = count_controls(chosen, light, rate, restorer.peak, progress)
    looked = look_at(recording, light, chosen, restorer.beside)
    cut, levels = _written(movie, light, fitted, choice, looked, file, progress)
    record = _record(choice, light, examples, fitted, found, looked, average, cut)
    record.notes.extend(_notes(movie, light, fitted, looked, levels, cut))
    write_bytes(outputs.record, record_bytes(record))
    write_text(outputs.page, restoration_page(record, file.name, _provenance(recording, choice)))
    (unfinished_folder(file) / "movie.tif").replace(file)
    shutil.rmtree(unfinished_folder(file), ignore_errors=True)
    return record


def _trained(examples: Examples, choice: Choice, file: Path, progress: Progress) -> Fitted:
    run = TrainingRun(unfinished_folder(file) / "learned", progress, choice.seed, choice.device)
    budget = budget_of(choice.steps)
    return fit(examples.known, examples.held_out, choice.loss, budget, run)


def _written(
    movie: Movie,
    light: Light,
    fitted: Fitted,
    choice: Choice,
    looked: MovieLook,
    file: Path,
    progress: Progress,
) -> tuple[int, Levels]:
    """All frames restored into the unfinished file; pixels cut, and how levels are stored."""
    restorer, recording = fitted.restorer, movie.recording
    levels = levels_for(looked.lowest, looked.highest)
    about = (
        f"{MARK} {__version__}: {choice.loss} network trained on {choice.train_on}. For looking "
        "and finding; responses come from raw pixels."
    )
    identity = f"{_told(recording)} {light} {levels} {_weights_digest(restorer.network)}"
    unfinished = open_unfinished(file, recording, movie.rate_hz, levels, about, identity)

    def in_grey(grey: np.ndarray) -> np.ndarray:
        return light.in_grey(restorer(light.in_photons(grey)))

    return restore_into(unfinished, recording, restorer.beside, in_grey, levels, progress), levels


def _record(
    choice: Choice,
    light: Light,
    examples: Examples,
    fitted: Fitted,
    found: Controls,
    looked: MovieLook,
    average: int,
    cut: int,
) -> Restoration:
    trained = fitted.trained
    return Restoration(
        method=np.array(METHODS),
        **dict(found.numbers),
        scenes=found.scenes,
        empty_scenes=found.empty_scenes,
        noise_frames=found.noise_frames,
        events=found.events,
        trace=found.trace,
        simulated=found.simulated,
        empty=found.empty,
        shown_frame=looked.frame,
        shown=np.stack([looked.shown[name] for name in (RAW, AVERAGE, RESTORED)]),
        residual=looked.residual,
        mean_residual=looked.mean_residual,
        mean_frame=looked.mean_frame,
        residual_frames=looked.residual_frames,
        loss=choice.loss,
        trained_on=examples.name,
        window=fitted.restorer.window,
        average_window=average,
        steps=trained.steps,
        best_step=trained.best_step,
        held_out_loss=trained.held_out,
        gain=light.gain,
        dark=light.dark,
        read_noise=light.read_noise,
        photons=light.photons,
        noise_correlation=light.correlation,
        cut_pixels=cut,
        notes=[],
    )


def _notes(
    movie: Movie, light: Light, fitted: Fitted, looked: MovieLook, levels: Levels, cut: int
) -> list[str]:
    found = [*movie.recording.warnings, *light.notes(), *fitted.trained.notes]
    if not movie.rate_hz:
        found.append(
            f"the files do not state the frame rate; {DEFAULT_RATE_HZ:g} Hz was taken for the "
            "simulations. Give --frame-rate-hz if it is far off."
        )
    if looked.saturated > _SATURATED_SHARE:
        found.append(
            f"{100 * looked.saturated:.2g} % of the pixels looked at are saturated: how bright "
            "they were is lost, and restoration does not bring it back."
        )
    if movie.recording.frame_time_s is not None:
        found.append(
            "the raw files time frames one by one; the restored file has only their rate. Take "
            "the times of frames from the raw movie."
        )
    if (levels.offset, levels.scale) != (0.0, 1.0):
        found.append(
            f"the file stores grey level = {levels.offset:g} + {levels.scale:g} x stored, as its "
            "ImageJ calibration says, so that rounding loses no brightness."
        )
    if note := calibration_note(movie.recording):
        found.append(note)
    if cut:
        found.append(f"{cut} restored pixels lay beyond the 16 bits of the file and were cut.")
    if not fitted.trained.best_step:
        found.append(
            "no step of training came nearer to held-out frames than the network began: the movie "
            "is a moving average that keeps changes over 5 px. Train longer with --steps."
        )
    return found


def _told(recording: Recording) -> str:
    """What the raw files are, by size and time of change."""
    states = [Path(str(file)).stat() for file in recording.file.tolist()]
    return " ".join(f"{each.st_size}.{each.st_mtime_ns}" for each in states)


def _weights_digest(network: Any) -> str:
    import hashlib

    found = hashlib.blake2b(digest_size=16)
    for value in network.state_dict().values():
        found.update(value.cpu().numpy().tobytes())
    return found.hexdigest()


def _provenance(recording: Recording, choice: Choice) -> list[dict[str, Any]]:
    return [
        {
            "raw": [Path(str(file)).name for file in recording.file.tolist()],
            "frames": recording.frames,
            "size": [recording.height, recording.width],
            "method": choice.loss,
            "train_on": Path(choice.train_on).name,
            "steps": choice.steps,
            "seed": choice.seed,
        }
    ]
