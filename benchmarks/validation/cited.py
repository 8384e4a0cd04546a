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
        ("learning_ci95", "learning_ci95_low", "learning_ci95_high"),
        "interval of PixCorr and SSIM after training on a share of the images",
        "40 images, ridge and all-cells, three levels of R",
        "95 %",
        "PixCorr 96.7 to 97.5 %, SSIM 96.7 to 98.9 %",
        "60 each",
        "as stated, a little wide; too few runs for more",
        "deep_learning_curve.md",
    ),
    Cited(
        ("doubling_ci95", "doubling_ci95_low", "doubling_ci95_high", "lead_ci95"),
        "interval of the rise from a share to the next, and of the lead over ridge",
        "40 images, ridge and all-cells, three levels of R",
        "95 %",
        "rises 98.7 to 100.0 %; leads 97.8 to 100.0 %",
        "60 each",
        "wider than stated: images that train each other's decoders are allowed for in full; where "
        "nothing is seen a rise was told in 0 of 60",
        "deep_learning_curve.md",
    ),
    Cited(
        ("activity_p",),
        "false discoveries among likely dim cells, by activity beside empty places",
        "5 simulated fields of neuropil alone, 15 likely candidates",
        "5 %",
        "0 of 15",
        "5",
        "too few fields for more, and the test was mended on these: not blind",
        "deep_context.md",
    ),
    Cited(
        ("over_ridge_ci95", "over_ridge_ci95_low", "over_ridge_ci95_high"),
        "intervals of all decoders' leads over ridge hold the expected ones at once",
        "40 images; all-cells and bayes against ridge, R = 0",
        "at least 95 %",
        "100.0 %",
        "50 each",
        "cautious: wider than stated; any decoder called better in 0.0 % of runs where nothing "
        "is seen, and too few runs for more",
        "deep_all_decoders.md",
    ),
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
        ("p_on", "p_off", "p_either"),
        "cells that see nothing with p < .01, every prediction refitted on permuted pictures",
        "400 cells, gain 0 and 1.5",
        "1 %",
        "0.5 to 1.0 %; `p_either` to 1.2 %",
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
    Cited(
        ("expected_p", "blank_p"),
        "any of two layers called decoded where no picture was shown and nothing tells of one",
        "40 pictures expected of 60, 3 times each",
        "at most 5 %",
        "1.0 ± 0.7 %; of blanks 3.0 ± 0.9 %",
        "200",
        "as stated, corrected over bins and layers",
        "deep_decoding.md",
    ),
    Cited(
        ("slope_difference_ci95", "slope_difference_p", "expected_after_viewed_ci95"),
        "onsets without a picture less those of viewing, where they are the same",
        "40 pictures expected of 60, 3 times each",
        "95 %; 5 %",
        "100 and 99.2 %; 0 %",
        "200",
        "cautious: wider than stated, and rejects less; the reverse order was found in 50 of 50",
        "deep_decoding.md",
    ),
    Cited(
        ("beyond_random_ci95", "beyond_random_p"),
        "interval of a difference over 100 pictures and 3 or 5 draws of weights holds the truth",
        "error of a draw 0, 1 and 3 times that of pictures",
        "95 %",
        "95.1 to 97.2 %; of pictures alone 68 to 96 %",
        "1000 each",
        "as stated or a little wide; on independent pictures, before any widening",
        "deep_decoding.md",
    ),
    Cited(
        (
            "expected_course_ci95",
            "expected_onset_ci95",
            "expected_slope_ci95",
            "viewed_slope_ci95",
        ),
        "bootstrap over pictures of courses and slopes of onsets without a picture",
        "none yet",
        "95 %",
        "not measured",
        "0",
        "its coverage is not known yet: read it with caution",
        "deep_decoding.md",
    ),
    Cited(
        ("picture_score_ci95", "picture_score_ci95_low", "picture_score_ci95_high"),
        "interval of a score of reconstructions holds the one expected for new images",
        "20 and 100 tested images, three levels of noise",
        "95 %",
        "PixCorr 93.5 to 96.8 %; identification 96.8 to 99.8 %",
        "400 each",
        "as stated; of identification wider: it allows for images that train each other's decoders",
        "deep_picture_scores.md",
    ),
    Cited(
        ("beyond_random_ci95_low", "beyond_random_ci95_high"),
        "interval of two-way in a layer less that with random weights holds the expected one",
        "20 and 100 tested images, 3 draws of weights, three levels of noise",
        "95 %",
        "98.0 to 100.0 %; 75.0 % where nearly every image of 20 is found in both",
        "400 each",
        "wider than stated, but too narrow at the ceiling with few images",
        "deep_picture_scores.md",
    ),
    Cited(
        ("difference_ci95",),
        "interval of what feature inversion exceeds a variant by holds the expected difference",
        "10 and 20 of 100 images scored, three variants, three levels of noise; PixCorr",
        "95 %",
        "97.8 to 100.0 %",
        "500 each",
        "wider than stated: it allows for images that train each other's decoders, as if all were "
        "scored",
        "deep_inversion_intervals.md",
    ),
)
