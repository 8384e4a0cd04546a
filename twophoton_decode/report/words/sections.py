"""What each section of the page found, in a sentence with its numbers, and how it was computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from twophoton_decode.figures.canvas.numbers import (
    DASH,
    count,
    interval,
    number,
    p_value,
    percent,
    tested_p,
)
from twophoton_decode.figures.deep.attention.sentences import attention_sentence
from twophoton_decode.figures.deep.movie.sentences import movie_sentence
from twophoton_decode.figures.deep.pictures.inversion_words import inversion_sentence
from twophoton_decode.figures.reconstruction.against_ridge import below_ridge_in_words
from twophoton_decode.report.words.decoded_layers import deep_decode
from twophoton_decode.report.words.degraded_pictures import deep_degraded

Table = Mapping[str, Any]


@dataclass(frozen=True)
class SectionWords:
    """A section's stage, its finding (empty where there is none), and how it was computed."""

    stage: str
    finding: str
    how: str


def section_words(stage: str, summary: Table, best: str | None) -> SectionWords:
    """The words of a stage's section, for the decoder that leads."""
    write, how = _SECTIONS.get(stage, (lambda summary, best: "", ""))
    return SectionWords(stage, write(summary, best or ""), how)


def _deep_inversion(summary: Table, best: str) -> str:
    numbers = summary.get("deep", {}).get("inversion", {})
    return inversion_sentence(numbers) if numbers.get("variants") else ""


def _of_stage(name: str, write: Callable[[Table], str]) -> Callable[[Table, str], str]:
    """A sentence from the numbers of one stage; none where it has none."""
    return lambda summary, best: write(summary[name]) if summary.get(name) else ""


def _of_decoder(name: str, write: Callable[[Table], str]) -> Callable[[Table, str], str]:
    """A sentence from what a stage has of the leading decoder; none where it is unavailable."""

    def written(summary: Table, best: str) -> str:
        numbers = summary.get(name, {}).get(best)
        return write(numbers) if numbers and not numbers.get("unavailable") else ""

    return written


def _extract(numbers: Table) -> str:
    said = f"{count(numbers.get('cells'))} of {count(numbers.get('rois'))} ROIs count as cells."
    if origin := numbers.get("imported_from"):
        said += f" They, their fluorescence and the motion were imported from {origin}."
    return said


def _quality(numbers: Table) -> str:
    return (
        f"The field of view moved by at most {number(numbers.get('largest_motion_px'), 1)} px, "
        f"{count(numbers.get('bad_frames'))} frames count as bad, the median cell has a noise of "
        f"{number(numbers.get('noise_level_percent'), 1)} %/√Hz, and the recording lost "
        f"{number(numbers.get('bleaching_percent'), 0)} % of its brightness."
    )


def _respond(numbers: Table) -> str:
    return (
        f"A picture drives {number(numbers.get('percent_responsive_per_image'), 1)} % of the "
        f"cells on average; {count(numbers.get('responsive_cells'))} of "
        f"{count(numbers.get('cells'))} cells respond to some picture. Population sparseness is "
        f"{number(numbers.get('population_sparseness'))}, reliability of tuning "
        f"{number(numbers.get('reliability'))}."
    )


def _encode(numbers: Table) -> str:
    ends = numbers.get("prediction_r_ci95") or (None, None)
    return (
        f"{count(numbers.get('cells_with_field'))} of {count(numbers.get('cells'))} cells have a "
        "receptive field. Responses to pictures left out of the fit are predicted at r "
        f"{number(numbers.get('prediction_r'))} (median cell; 95 % interval {interval(ends)}; "
        f"chance {number(numbers.get('chance_r'))})."
    )


def _reconstruct(summary: Table, best: str) -> str:
    decoders = {
        name: each
        for name, each in summary.get("reconstruct", {}).items()
        if not each.get("unavailable")
    }
    scores = decoders.get(best)
    if not scores:
        return ""
    told = (
        f"{best} reconstructs the pictures at R {number(scores.get('r_average'))} "
        f"(95 % interval {interval(scores.get('r_average_ci95') or (None, None))}; "
        f"{_null(scores)})"
    )
    others = [f"{name} {number(each.get('r_average'))}" for name, each in decoders.items()]
    others.remove(f"{best} {number(scores.get('r_average'))}")
    told = f"{told}; the others: {', '.join(others)}." if others else f"{told}."
    return f"{told} {below_ridge_in_words(summary.get('decoders', {}))}".rstrip()


def _null(scores: Table) -> str:
    """What the score is to be held against: chance, or R with other images, which is no test."""
    p = tested_p(scores)
    if DASH not in p:
        return f"chance {number(scores.get('chance_r'))}, {p}"
    wrong = number(scores.get("wrong_image_r"))
    return "no test against chance" + ("" if wrong == DASH else f"; with other images {wrong}")


def _sparsity(numbers: Table) -> str:
    return str(numbers.get("how_many_cells", ""))


def _stability(numbers: Table) -> str:
    told = (
        "A trial's reconstruction resembles those of the picture's other trials at "
        f"{number(numbers.get('reconstruction_similarity'))}, the responses at "
        f"{number(numbers.get('response_similarity'))}, reconstructions of other pictures at "
        f"{number(numbers.get('reconstruction_similarity_other'))}."
    )
    allowed = numbers.get("similarity_allowed")
    if number(allowed) == DASH:
        return told
    beyond = numbers.get("similarity_beyond_allowed_ci95") or (None, None)
    return (
        f"{told} Cells as reliable as these, with noise of their own, would give "
        f"{number(allowed)} (the difference has a 95 % interval of {interval(beyond)})."
    )


def _complementarity(numbers: Table) -> str:
    if number(numbers.get("feature_overlap")) == DASH:
        return ""
    return (
        f"Two cells share {percent(numbers['feature_overlap'], 1)} of their features, "
        f"{percent(numbers.get('feature_overlap_by_chance'), 1)} by chance "
        f"({p_value(numbers.get('feature_overlap_p'))})."
    )


def _recovery(numbers: Table) -> str:
    return (
        f"This recording is simulated, and its truth is known: "
        f"{count(numbers.get('planted_cells_found'))} of {count(numbers.get('planted_cells'))} "
        "planted cells were found; their responses agree with the true ones at r "
        f"{number(numbers.get('response_r'))} (median)."
    )


def _deep_encode(summary: Table, best: str) -> str:
    """For each network, whether attention counts."""
    networks = summary.get("deep", {}).get("encode", {})
    return " ".join(
        f"{name}: {attention_sentence(numbers)}"
        for name, numbers in networks.items()
        if not numbers.get("unavailable")
    )


def _deep_movie(summary: Table, best: str) -> str:
    numbers = summary.get("deep", {}).get("movie")
    return movie_sentence(numbers) if numbers and not numbers.get("unavailable") else ""


def _deep_rsa(summary: Table, best: str) -> str:
    return " ".join(summary.get("deep", {}).get("rsa", {}).get("said", []))


def _deep_detect(summary: Table, best: str) -> str:
    numbers = summary.get("deep", {}).get("detect")
    if not numbers or numbers.get("unavailable"):
        return ""
    return (
        f"Beside suite2p's {count(numbers['suite2p_cells'])} cells, {count(numbers['candidates'])} "
        f"places were judged; {count(numbers['likely'])} look like cells of their field, and "
        f"{count(numbers['dim_cells'])} of these are active. How many were missed is not known."
    )


_SECTIONS: Final[dict[str, tuple[Callable[[Table, str], str], str]]] = {
    "extract": (
        _of_stage("extract", _extract),
        "Frames are shifted onto a reference image, ROIs are found by suite2p where they are not "
        "imported, and each ROI's fluorescence is the mean over its pixels; neuropil_coefficient "
        "in [traces] says how much of the neuropil around it is subtracted.",
    ),
    "deep-detect": (
        _deep_detect,
        "Spots in the mean, maximum and correlation pictures, and ROIs that suite2p rejected, are "
        "judged by a detector that attends over the clear cells of the same field; with fewer "
        "than 8 of those, by itself. One counts only if its trace has events that the same disc "
        "at empty places of the field lacks; the false discovery rate is controlled in each plane.",
    ),
    "quality": (
        _of_stage("quality", _quality),
        "Motion is what registration found. Noise is the median absolute difference of ΔF/F "
        "between successive frames, as a level per square root of the frame rate.",
    ),
    "respond": (
        _of_stage("respond", _respond),
        "An evoked response is the mean signal in the response window less the mean before the "
        "onset. Whether a cell responds to a picture is tested over the repeats, with the false "
        "discovery rate controlled over all pairs of cells and pictures.",
    ),
    "encode": (
        _of_stage("encode", _encode),
        "For each cell a linear model predicts its responses from features of the pictures. "
        "Prediction is scored on pictures left out of the fit; a receptive field counts as found "
        "where that beats pictures permuted over responses.",
    ),
    "reconstruct": (
        _reconstruct,
        "Decoders are fitted to all pictures but those of a fold, which they then reconstruct; "
        "near-duplicates share a fold. R is Pearson's correlation over pixels after the mean "
        "training image is subtracted from both. For chance, pictures are permuted over "
        "responses and everything is refitted; decoders that are not affine have no such test "
        "unless it was asked for.",
    ),
    "sparsity-report": (
        _of_decoder("sparsity", _sparsity),
        "Cells enter a trial's reconstruction one at a time, responsive ones first, the "
        "strongest first; the others stand at their training mean, or at zero if omitted in "
        "[cell_count] says so. Controls are as many random "
        "cells, the weakest cells, and the same curve against other pictures.",
    ),
    "stability-report": (
        _of_decoder("stability", _stability),
        "Each trial's reconstruction is correlated with the mean of the picture's other trials. "
        "Controls: other pictures; reverse filters exchanged between cells, which keeps the "
        "averaging over cells; and trials exchanged within each cell, which keeps each cell's "
        "reliability and makes noise independent.",
    ),
    "deep-rsa": (
        _deep_rsa,
        "For every pair of pictures, the dissimilarity of the population's responses is held "
        "against that of a layer's activities, by Spearman's correlation over pairs. Responses "
        "are z-scored; crossnobis distances are cross-validated over repeats, so that noise adds "
        "nothing. Reliability is the agreement of halves of the repeats. Intervals are for new "
        "pictures; they are not widened for choosing the best layer.",
    ),
    "complementarity": (
        _of_decoder("complementarity", _complementarity),
        "Features that the cells' models select are compared between cells that respond to the "
        "same picture, and with sets drawn at random.",
    ),
    "deep-decode": (
        deep_decode,
        "Ridge decodes the units of each layer, every picture by a fit to others; near-duplicates "
        "share a fold. A picture is identified where its features fit the decoded ones better, by "
        "correlation over units, than those of another picture that trained nothing. Controls: "
        "the same layer with random weights, pixels, Gabor energies, and wrong pictures; "
        "differences are tested by a paired bootstrap over pictures, corrected over layers.",
    ),
    "deep-degraded": (
        deep_degraded,
        "Ridge decodes each layer from responses to degraded pictures, by fits to originals; that "
        "of a tested picture, and pictures like it, are left out. Δ is the correlation over units "
        "with the features of the original, minus that with the picture shown. It is tested by "
        "design alone: familiar and unfamiliar originals are exchanged at random, or before and "
        "after; p is corrected over layers. Gains over nulls made afterwards are shown as biased.",
    ),
    "deep-movie": (
        _deep_movie,
        "Ridge decodes every frame of a clip from responses to it, every clip by fits to others; "
        "clips of one source, or with a frame nearly alike, share a fold. Lag, strength and "
        "smoothing are chosen on training clips that were held out. r is over all pixels and "
        "frames of a clip, the mean training frame subtracted from both; that of motion alone "
        "leaves out each clip's own mean frame, so that a still picture scores 0. Intervals are "
        "over clips. Nulls: decoded clips shifted round in time, and other clips.",
    ),
    "deep-encode": (
        _deep_encode,
        "Ridge predicts each cell from a layer f, and from (1 + M) f with a map M of attention on "
        "the picture, every picture by a fit to others; near-duplicates share a fold. Layer and "
        "strength are chosen in training without attention. Controls: the map of another picture, "
        "the mean map, pixels and random weights; p is two-sided, with pictures permuted over "
        "responses.",
    ),
    "deep-inversion": (
        _deep_inversion,
        "Ridge decodes every layer of a network from mean responses, and a picture is optimised "
        "until the network makes of it what was decoded. Controls: the features of the picture "
        "itself; responses to another picture; the decoded code without optimisation; the "
        "generator alone, which has seen no response; pixels without a generator. The score with "
        "another picture of the fold is what each number is held against. Intervals are paired "
        "over pictures.",
    ),
    "recovery": (
        _of_stage("recovery", _recovery),
        "ROIs are matched to the cells of the simulation by place and trace.",
    ),
}
