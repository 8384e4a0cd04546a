"""One network's hierarchy score over sessions, beside its random twin and all cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.deep.populations import Ordered
from twophoton_decode.pipeline.deep.sessions import Seen
from twophoton_decode.pipeline.population.members import Member
from twophoton_decode.progress import Progress

if TYPE_CHECKING:
    from twophoton_decode.deep.hierarchy import best
    from twophoton_decode.deep.hierarchy.network import Score
    from twophoton_decode.deep.networks.traits import Traits
    from twophoton_decode.records.deep.feature_set import FeatureSet


class NetworkHierarchy(NamedTuple):
    """Scores of one network; `layers` early to late, `images` different pictures a session."""

    matched: Score
    twin: Score | None
    all_cells: Score
    layers: list[str]
    images: list[int]
    notes: list[str]


def of_network(
    seen: Sequence[Seen], populations: Ordered, stored_t: bool, progress: Progress
) -> NetworkHierarchy:
    """The score with matched cells, of the twin likewise, and with all cells.

    Raises
    ------
    AnalysisError
        Too few pictures, or fewer than two layers that can be decoded in all sessions.
    """
    from twophoton_decode.deep.hierarchy.best import best_with_all_cells
    from twophoton_decode.deep.hierarchy.network import network_score

    seed = seen[0].member.session.settings.decoding.seed
    sessions, notes = _tested(seen, populations)
    blocks = [_blocks(each, seed, number) for number, each in enumerate(sessions)]
    kept = [_layers(each.network, each.shown) for each in seen]
    every = [
        best_with_all_cells(session, layers, block, stored_t=stored_t)
        for session, layers, block in zip(sessions, kept, blocks, strict=True)
    ]
    names = [name for name in kept[0] if all(name in each for each in every)]
    if len(names) < 2:
        raise AnalysisError(
            f"{seen[0].network.network}: {len(names)} of {len(kept[0])} layers vary over the "
            "pictures of all sessions; a hierarchy needs two."
        )
    notes += [
        f"layer {name} of {seen[0].network.network} is left out: it does not vary over pictures."
        for name in kept[0]
        if name not in names
    ]
    matched = _matched(sessions, kept, blocks, seed, stored_t, progress)
    return NetworkHierarchy(
        matched=network_score(matched, names, seed),
        twin=_twin(seen, sessions, blocks, seed, stored_t, progress),
        all_cells=network_score(every, names, seed),
        layers=names,
        images=[each.images for each in sessions],
        notes=notes,
    )


def traits(member: Member, network: str) -> Traits:
    """Architecture of the network, with the weights that the session names."""
    from twophoton_decode.deep.networks.named import open_network, random_twin, split_name
    from twophoton_decode.deep.networks.traits import traits_of

    base, seed = split_name(network)
    found = traits_of(open_network(random_twin(base)))
    # Published accuracy is that of published weights.
    return found if seed is None else found._replace(top1=float("nan"))


def _tested(seen: Sequence[Seen], populations: Ordered) -> tuple[list[best.Seen], list[str]]:
    from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
    from twophoton_decode.deep.hierarchy import best

    sessions, notes = [], []
    for each, cells, bins in zip(seen, populations.cells, populations.bins, strict=True):
        responses, member = each.responses, each.member
        try:
            folds, changed = decoding_folds(
                responses.picture, responses.image_group, member.session.settings.decoding
            )
        except AnalysisError as error:
            raise AnalysisError(f"{member.name}: {error}") from error
        notes += [f"{member.name}: {note}" for note in [*folds.warnings, *changed]]
        sessions.append(best.Seen(responses.averages(), folds.fold, folds.content, cells, bins))
    return sessions, notes


def _blocks(session: best.Seen, seed: int, number: int) -> np.ndarray:
    from twophoton_decode.deep.hierarchy.best import blocks_of_pictures

    return blocks_of_pictures(session.content, np.random.default_rng([seed, 11, number]))


def _layers(features: FeatureSet, shown: np.ndarray) -> dict[str, np.ndarray]:
    return {name: features.of(name)[shown] for name in features.layers}


def _matched(
    sessions: Sequence[best.Seen],
    layers: Sequence[dict[str, np.ndarray]],
    blocks: Sequence[np.ndarray],
    seed: int,
    stored_t: bool,
    progress: Progress,
) -> list[best.Counts]:
    """Counts of every session with matched cells; the same draws for every network."""
    from twophoton_decode.deep.hierarchy.best import best_with_matched_cells

    return [
        best_with_matched_cells(
            session, own, block, np.random.default_rng([seed, 12, number]), stored_t=stored_t,
            progress=progress,
        )
        for number, (session, own, block) in enumerate(zip(sessions, layers, blocks, strict=True))
    ]  # fmt: skip


def _twin(
    seen: Sequence[Seen],
    sessions: Sequence[best.Seen],
    blocks: Sequence[np.ndarray],
    seed: int,
    stored_t: bool,
    progress: Progress,
) -> Score | None:
    """The score with random weights; None for a network that is random itself."""
    from twophoton_decode.deep.hierarchy.network import network_score

    layers = [_layers(each.twin, each.shown) for each in seen if each.twin is not None]
    if not layers:
        return None
    counts = _matched(sessions, layers, blocks, seed, stored_t, progress)
    names = [name for name in layers[0] if all(name in each for each in counts)]
    return network_score(counts, names, seed) if len(names) > 1 else None
