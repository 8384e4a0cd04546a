"""Inventions counted by people: a blind page, counts of that page alone, exact tests."""

import csv
import io
import json
import re

import numpy as np
import pytest

from twophoton_decode.errors import UsageError
from twophoton_decode.figures.deep.restoration import counted_sentence, drawings
from twophoton_decode.records.deep.restoration import Restoration
from twophoton_decode.report.counting.counts import inventions, read_counts
from twophoton_decode.report.counting.crops import BLIND, crops_of, page_code
from twophoton_decode.report.counting.page import counting_page
from twophoton_decode.session.netcdf import write_record

HEIGHT, WIDTH, SHOWN = 70, 140, 3


def record(seed=0):
    rng = np.random.default_rng(seed)
    each = {
        name: np.full(3, 0.5)
        for name in ("ssim", "recall", "invented", "invented_empty", "invented_noise", "slope",
                     "area_slope", "missed", "trace_r", "flicker", "baseline")
    }  # fmt: skip
    return Restoration(
        method=np.array(["raw", *BLIND]),
        **each,
        scenes=4,
        empty_scenes=40,
        noise_frames=40,
        events=9,
        trace=rng.random((4, 20)),
        simulated=rng.random((4, 16, 16)),
        empty=rng.random((4, 16, 16)),
        shown_frame=np.arange(SHOWN),
        shown=rng.random((3, SHOWN, HEIGHT, WIDTH), np.float32),
        residual=rng.standard_normal((SHOWN, HEIGHT, WIDTH), np.float32),
        mean_residual=rng.standard_normal((HEIGHT, WIDTH), np.float32),
        mean_frame=rng.random((HEIGHT, WIDTH), np.float32),
        residual_frames=48,
        loss="ssim",
        trained_on="simulation",
        window=7,
        average_window=5,
        steps=400,
        best_step=350,
        held_out_loss=np.linspace(1, 0, 9),
        gain=20.0,
        dark=95.0,
        read_noise=0.5,
        photons=8.0,
        noise_correlation=0.0,
        cut_pixels=0,
        notes=[],
    )


def saved(found, rater, counts):
    """The CSV of one rater, by a function of the crop."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["page", "rater", "trial", "count"])
    for crop in crops_of(found):
        value = counts(crop)
        if value is not None:
            writer.writerow([page_code(found), rater, crop.code, value])
    return text.getvalue()


def test_every_place_is_shown_by_both_methods_in_one_order_for_all():
    found = record()
    crops = crops_of(found)
    assert crops == crops_of(record())
    assert [crop.code for crop in crops] != [crop.code for crop in crops_of(record(1))]
    places = {method: {c.place for c in crops if c.method == method} for method in BLIND}
    # Two crops of 64 px lie side by side in 70 x 140 px.
    assert places[BLIND[0]] == places[BLIND[1]] == {(n, 0, x) for n in range(3) for x in (0, 64)}
    assert len({crop.code for crop in crops}) == len(crops) == 12
    methods = [crop.method for crop in crops]
    assert methods != sorted(methods)


def test_the_page_is_blind_and_needs_nothing_else():
    page = counting_page(record(), "<b>odd</b>")
    assert "<b>odd</b>" not in page
    assert "&lt;b&gt;odd" in page
    data = json.loads(re.search(r'id="data" type="application/json">(.*?)</script>', page)[1])
    assert len(data["trials"]) == 12
    assert all(address.startswith("data:image/png") for t in data["trials"] for address in t[1:])
    assert "moving average" not in page
    assert "restored" not in page.replace("which crop is\n// restored", "")
    assert not re.search(r"(src|href)=\"https?:", page)


def test_counts_are_compared_place_by_place():
    found = record()

    def more_in_restored(crop):
        return 3 if crop.method == "restored" else 1

    raters = [
        read_counts(saved(found, name, more_in_restored), found, name) for name in ("anna", "ben")
    ]
    told = inventions(found, raters)
    assert told.mean == {"restored": 3, "moving average": 1}
    assert told.crops == 12
    assert (told.places.prefer, told.places.units) == (6, 6)
    assert told.places.p == pytest.approx(2 / 2**6)
    assert (told.raters.prefer, told.raters.units) == (2, 2)
    sentence = counted_sentence(told.mean, told.crops, told.raters, told.places)
    assert "3.00 a restored crop, 1.00 a crop of the moving average, over 12 pairs" in sentence


def test_half_a_pair_does_not_count():
    found = record()
    skipped = crops_of(found)[0].place

    def one_left_out(crop):
        if crop.place != skipped:
            return 2
        return None if crop.method == "restored" else 9

    told = inventions(found, [read_counts(saved(found, "a", one_left_out), found, "a")])
    assert told.mean == {"restored": 2, "moving average": 2}
    assert told.crops == 5
    assert told.places.units == 0
    only = read_counts(
        saved(found, "a", lambda c: 1 if c.method == "restored" else None), found, "a"
    )
    with pytest.raises(UsageError, match="no crop was counted both"):
        inventions(found, [only])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("page,", "side,"), "there is no page"),
        (lambda text: text.replace(page_code(record()), "0" * 16), "but the movie's page is"),
        (lambda text: text + text.splitlines()[1] + "\n", "counted twice"),
        (lambda text: text.replace(",1\r\n", ",11\r\n"), "from 0 to 9, found '11'"),
        (lambda text: text.replace(",1\r\n", ",²\r\n"), "from 0 to 9"),
        (lambda text: text.replace("anna", "ben", 1), "one rater, found 2"),
        (lambda text: text.splitlines()[0], "one rater, found 0"),
        (lambda text: re.sub(r"anna,\w+", "anna,ffff", text), "no trial 'ffff'"),
    ],
)
def test_files_that_are_no_counts_of_the_page(change, words):
    found = record()
    text = change(saved(found, "anna", lambda crop: 1))
    with pytest.raises(UsageError, match=re.escape(words)):
        read_counts(text, found, "anna.csv")


def test_the_command_makes_a_page_and_reads_it(tmp_path, tpdecode):
    found = record()
    write_record(tmp_path / "r.nc", found)
    code, out, err = tpdecode("deep", "count", tmp_path / "r.nc", "-o", tmp_path / "c.html")
    assert code == 0, err
    assert "12 crops" in out
    (tmp_path / "a.csv").write_text(saved(found, "anna", lambda crop: 0))
    code, out, err = tpdecode("deep", "count", tmp_path / "r.nc", "--read", tmp_path / "a.csv")
    assert code == 0, err
    assert "0.00 a restored crop" in out
    for call, words in (
        ((tmp_path / "r.nc",), "either -o PAGE or --read CSV"),
        ((tmp_path / "none.nc", "-o", tmp_path / "d.html"), "there is no file"),
        ((tmp_path / "r.nc", "-o", tmp_path / "c.html"), "is there already"),
    ):
        code, _, err = tpdecode("deep", "count", *call)
        assert code == 2
        assert words in err


def test_figures_have_captions_and_tables():
    headings, drawn = zip(*drawings(record()), strict=True)
    assert headings == ("Before and after", "Where the truth is known", "What traces keep")
    assert all(each.caption.endswith(".") and each.table for each in drawn)
