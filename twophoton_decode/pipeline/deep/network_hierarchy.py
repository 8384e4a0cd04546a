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


def of_networks(
    seen: Sequence[Sequence[Seen]], populations: Ordered, stored_t: bool, progress: Progress
) -> list[NetworkHierarchy]:
    """Of each network the score with matched cells, of its twin likewise, and with all cells.

    Networks are decoded together: what depends on responses alone is computed once.

    Parameters
    ----------
    seen : sequence of sequence of Seen
        Of every network, the sessions.

    Raises
    ------
    AnalysisError
        Too few pictures, or fewer than two layers that can be decoded in all sessions.
    """
    from twophoton_decode.deep.hierarchy.best import best_with_all_cells, best_with_matched_cells

    seed = seen[0][0].member.session.settings.decoding.seed
    sessions, notes = _tested(seen[0], populations)
    networks = [[_layers(each.network, each.shown) for each in own] for own in seen]
    twins = [_twins(own) for own in seen]
    every, matched = [], []
    for number, session in enumerate(sessions):
        block = _blocks(session, seed, number)
        trained = [own[number] for own in networks]
        every.append(best_with_all_cells(session, trained, block, stored_t=stored_t))
        matched.append(
            best_with_matched_cells(
                session,
                [*trained, *(own[number] for own in twins if own)],
                block,
                np.random.default_rng([seed, 12, number]),
                stored_t=stored_t,
                progress=progress,
            )
        )
    place_of_twin = np.cumsum([len(networks), *(bool(own) for own in twins)]).tolist()
    return [
        _of_network(
            own,
            list(networks[n][0]),
            [each[n] for each in every],
            [each[n] for each in matched],
            [each[place_of_twin[n]] for each in matched] if twins[n] else [],
            sessions,
            notes,
            seed,
        )
        for n, own in enumerate(seen)
    ]


def _of_network(
    seen: Sequence[Seen],
    layers: Sequence[str],
    every: Sequence[best.Counts],
    matched: Sequence[best.Counts],
    twin: Sequence[best.Counts],
    sessions: Sequence[best.Seen],
    notes: Sequence[str],
    seed: int,
) -> NetworkHierarchy:
    """Scores from the counts of every session; no twin of a network that is random itself."""
    from twophoton_decode.deep.hierarchy.network import network_score

    name = seen[0].network.network
    used = [layer for layer in layers if all(layer in each for each in every)]
    if len(used) < 2:
        raise AnalysisError(
            f"{name}: {len(used)} of {len(layers)} layers vary over the pictures of all sessions; "
            "a hierarchy needs two."
        )
    left = [
        f"layer {layer} of {name} is left out: it does not vary over pictures."
        for layer in layers
        if layer not in used
    ]
    of_twin = [layer for layer in layers if twin and all(layer in each for each in twin)]
    return NetworkHierarchy(
        matched=network_score(matched, used, seed),
        twin=network_score(twin, of_twin, seed) if len(of_twin) > 1 else None,
        all_cells=network_score(every, used, seed),
        layers=used,
        images=[each.images for each in sessions],
        notes=[*notes, *left],
    )


def _twins(seen: Sequence[Seen]) -> list[dict[str, np.ndarray]]:
    """Layers of the twin in every session; empty for a network that is random itself."""
    return [_layers(each.twin, each.shown) for each in seen if each.twin is not None]


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
