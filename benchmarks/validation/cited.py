"""Intervals and errors that other benchmarks measure: their pages, and what they found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cited:
    """A row that another page measured, named by its file in ``benchmarks/results``."""

    names: tuple[str, ...]
    what: str
    setting: str
    nominal: str
    measured: str
    runs: str
    verdict: str
    page: str


ROWS = (
    Cited(
        ("responsive",),
        "false discoveries among responsive pairs",
        "3, 4, 6 and 12 repeats",
        "5 %",
        "3.1, 3.7, 4.0 and 4.2 %",
        "200 each",
        "as stated; 3.4 % in blocked order, 2.7 to 3.7 % with spontaneous events, missing or dense "
        "responses",
        "responsive_pairs.md",
    ),
    Cited(
        ("responsive",),
        "recordings with any pair where nothing responds",
        "3, 4, 6 and 12 repeats",
        "at most 5 %",
        "1.0, 0.5, 2.0 and 4.0 %",
        "200 each",
        "as stated",
        "responsive_pairs.md",
    ),
    Cited(
        ("clock_shift_ci95", "clock_part_error_s"),
        "interval of the shift against the onsets holds the true one",
        "right clock, and one 0.1 % fast",
        "95 %",
        "97.9 to 99.5 %; 93 % with pictures shown once",
        "200 each",
        "somewhat wider than stated; where nobody responds a shift is told in 1.5 % of sessions",
        "clock_shift.md",
    ),
    Cited(
        ("neuropil_error",),
        "root mean square of what an estimate is off by, in its standard errors",
        "0.5 to 3 events/s, noise 5 to 20",
        "1",
        "0.39 to 1.07",
        "96 cells each",
        "cautious; estimates too unsure are refused",
        "neuropil_coefficient.md",
    ),
    Cited(
        ("p_on", "p_off"),
        "cells that see nothing with p < .01, every prediction refitted on permuted pictures",
        "400 cells, gain 0 and 1.5",
        "1 %",
        "0.5 to 1.0 %",
        "6 populations",
        "as stated; Pearson's p over all folds would call 6 to 12 %",
        "deep_attention.md",
    ),
    Cited(
        ("agreement_ci95", "agreement_p", "partial_ci95", "mean_ci95"),
        "interval of the agreement of two animals whose responses are noise holds 0",
        "500 pictures, 350 cells",
        "95 %",
        "97 % of 33 layers of 3 pairs; the others of this row were not counted",
        "3",
        "no large fault; too few pairs for more",
        "deep_agreement.md",
    ),
    Cited(
        (
            "design_difference_ci95",
            "design_difference_ci95_low",
            "design_difference_ci95_high",
        ),
        "interval of the difference by design of degraded pictures holds the true one",
        "50 + 50 pictures, 9 layers, 3 degradations; without and with 30 %",
        "95 %",
        "92.9 to 96.6 %; 94.0 to 96.1 %",
        "900 each",
        "as stated, within chance",
        "deep_completion.md",
    ),
    Cited(
        ("design_difference_p",),
        "any layer found by design where there is no completion, corrected over layers",
        "50 + 50 pictures: blur, occlusion, noise",
        "at most 5 %",
        "4.2, 2.9, 3.1 %",
        "900 each",
        "as stated; of single layers 3.0 to 7.0 %",
        "deep_completion.md",
    ),
    *(
        Cited(
            names,
            what,
            "none yet",
            nominal,
            "not measured",
            "0",
            "its coverage is not known yet: read it with caution",
            page,
        )
        for names, what, nominal, page in (
            (
                ("two_way_ci95", "unit_r_ci95", "category_two_way_ci95"),
                "bootstrap over pictures of a layer's scores",
                "95 %",
                "deep_decoding.md",
            ),
            (
                ("two_way_p", "unit_r_p", "wrong_image_p"),
                "layers against wrong pictures, whose spread is widened by √2",
                "5 %",
                "deep_decoding.md",
            ),
            (
                ("beyond_*_ci95", "beyond_*_p", "gain_difference_ci95", "gain_difference_p"),
                "paired differences of layers and of populations over pictures",
                "95 %; 5 %",
                "deep_decoding.md",
            ),
            (
                (
                    "course_ci95",
                    "course_p",
                    "onset_ci95",
                    "onset_after_first_ci95",
                    "peak_ci95",
                    "peak_p",
                ),
                "time courses of layers, and when they begin and peak",
                "95 %; 5 %",
                "deep_decoding.md",
            ),
            (
                (
                    "agreement_low",
                    "agreement_high",
                    "over_random_low",
                    "over_random_high",
                    "over_pixels_low",
                    "over_pixels_high",
                    "ceiling_low",
                    "ceiling_high",
                ),
                "bootstrap over pictures of agreeing dissimilarities; ends of the noise ceiling",
                "95 %",
                "deep_rsa.md",
            ),
            (
                ("score_ci95", "twin_ci95", "all_cells_ci95", "order_p"),
                "jackknife over pictures of hierarchy scores; orders of populations",
                "95 %; 5 %",
                "deep_hierarchy.md",
            ),
            (
                (
                    "delta_ci95",
                    "beyond_other_ci95",
                    "beyond_mean_ci95",
                    "field_distance_p",
                    "view_distance_p",
                ),
                "gains by attention over pictures; distances of neighbours in the layout",
                "95 %; 5 %",
                "deep_attention.md",
            ),
        )
    ),
)
