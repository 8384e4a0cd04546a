"""Ready dissimilarities against the layers of networks: a record, a figure and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.deep.comparison.agreement import spearman
from twophoton_decode.deep.comparison.given_rdms import given_population
from twophoton_decode.deep.comparison.models import Model, layer_models, pixel_model
from twophoton_decode.deep.comparison.representation import (
    Comparison,
    PopulationData,
    represent,
)
from twophoton_decode.deep.features.extract import FeatureChoice, extract_features
from twophoton_decode.deep.networks.named import open_network, random_twin
from twophoton_decode.figures.deep.area_profile import area_profile
from twophoton_decode.figures.deep.representation import layers_and_populations
from twophoton_decode.figures.deep.representation_words import sentences
from twophoton_decode.pipeline.deep.results import SessionsResult, result_files
from twophoton_decode.pipeline.inputs.sources import split_key
from twophoton_decode.pipeline.stages.deep.rsa import summary_of
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Representation
from twophoton_decode.report.sessions.tests_table import PageTable
from twophoton_decode.session.output_folder import check_writable, write_files
from twophoton_decode.stimulus.colour_pictures import ColourPictures, open_colour_pictures

PAGE = "representation.html"
_PIXELS_PX = 32


def compare_given_rdms(
    rdms: Sequence[str],
    pictures: str,
    networks: Sequence[str],
    output: Path,
    *,
    weights: Path | None = None,
    choice: FeatureChoice | None = None,
    resamples: int = 1000,
    progress: Progress = silent,
) -> Representation:
    """Compare matrices that another program made with layers, random twins and pixels.

    Parameters
    ----------
    rdms : sequence of str
        ``FILE`` or ``FILE=key`` of each population.
    pictures : str
        Folder or stack, in the order of the matrices' rows; in colour where they are.
    output : Path
        Folder for ``rsa.nc``, ``figures/`` and the page.

    Raises
    ------
    UsageError, ResponseError, StimulusImageError, WeightsError
        Files that are missing, do not fit each other, or cannot be read.
    """
    check_writable(output, [])
    path, key = split_key(pictures)
    shown = open_colour_pictures(Path(path), key=key)
    populations = [
        given_population(Path(file), part, len(shown)) for file, part in map(split_key, rdms)
    ]
    notes: list[str] = list(shown.notes)
    twins = {name: random_twin(name) for name in dict.fromkeys(networks)}
    chosen = choice or FeatureChoice(grey=False)
    models = list(_models(shown, twins, weights, chosen, notes, progress))
    made = represent(
        Comparison(
            populations=populations,
            models=models,
            twins=twins,
            picture_name=shown.name,
            between=_between(populations),
            measure="given",
            bootstraps=resamples,
            notes=notes,
        ),
        progress,
    )
    write_files(output, result_files(_result(made, rdms, pictures), output, progress))
    return made


def _result(made: Representation, rdms: Sequence[str], pictures: str) -> SessionsResult:
    drawings = [("Layers and dissimilarities", layers_and_populations(made))]
    if made.ranked.sum() > 1:
        drawings.append(("Profile over layers", area_profile(made)))
    sets = zip(made.population.tolist(), made.sets.tolist(), strict=True)
    rows = [(file, name, str(n)) for file, (name, n) in zip(rdms, sets, strict=True)]
    return SessionsResult(
        page=PAGE,
        question="What do networks and these dissimilarities have in common?",
        found=sentences(made),
        key="rsa",
        summary=summary_of(made),
        records={"rsa.nc": made},
        tables={},
        drawings=drawings,
        sessions=PageTable("Dissimilarities", ("file", "name", "subjects"), rows),
        settings=[
            ("rsa", "networks", made.compared.tolist(), ""),
            ("rsa", "pictures", pictures, "in the order of the rows"),
            ("rsa", "bootstraps", made.bootstraps, "draws of pictures and subjects"),
        ],
        provenance=[],
        notes=made.notes,
        intervals="pictures drawn with replacement, and subjects where there are several.",
    )


def _models(
    pictures: ColourPictures,
    twins: dict[str, str],
    weights: Path | None,
    choice: FeatureChoice,
    notes: list[str],
    progress: Progress,
) -> Iterator[Model]:
    every = np.arange(len(pictures))
    for name in dict.fromkeys([*twins, *twins.values()]):
        network = open_network(name, weights, tuple(twins))
        features = extract_features(network, pictures, choice, progress=progress)
        notes += [note for note in features.notes if note not in notes]
        yield from layer_models(features, every, notes)
    read = [pictures.read(index, _PIXELS_PX, grey=choice.grey) for index in every.tolist()]
    yield from pixel_model(np.stack([each.reshape(1, -1) for each in read]), notes)


def _between(populations: Sequence[PopulationData]) -> np.ndarray:
    """Agreement of the mean dissimilarities; on the diagonal what subjects agree on."""
    mean = np.stack([each.rdms.mean(axis=0) for each in populations])
    found = spearman(mean, mean)
    np.fill_diagonal(found, [each.reliability for each in populations])
    return found
