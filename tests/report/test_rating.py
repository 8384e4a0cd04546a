"""Reconstructions judged by people: a blind page, answers of that page alone, exact tests."""

import dataclasses
import json
import re

import numpy as np
import pytest
from scipy import stats
from test_page_in_browser import driven, needs_browser

import twophoton_decode as tp
from twophoton_decode.errors import AnalysisError, UsageError
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.report.rating.answers import judged, read_answers
from twophoton_decode.report.rating.page import rating_page
from twophoton_decode.report.rating.trials import Key, trials_of
from twophoton_decode.session.netcdf import write_record
from twophoton_decode.statistics.permutation import sign_test

IMAGES = 6
VARIANTS = ["reconstruction", "another image's responses", "without generator"]


def controls(variants=VARIANTS, images=IMAGES):
    rng = np.random.default_rng(0)
    count, scores = len(variants), 1
    return InversionControls(
        picture=rng.random((images, 8, 8)),
        made=rng.random((count, images, 8, 8)),
        image_name=[f"<b>{n}</b>.png" for n in range(images)],
        fold=np.zeros(images),
        variant=variants,
        kind=["control"] * count,
        score_name=["PixCorr"],
        score=np.zeros((count, images, scores)),
        null=np.zeros((count, images, scores)),
        mean=np.zeros((count, scores)),
        null_mean=np.zeros((count, scores)),
        difference=np.zeros((count, scores)),
        difference_ci95=np.zeros((count, scores, 2)),
        network="n",
        generator="taef2",
        knowledge="",
        side=8,
        images=images,
        notes=[],
    )


@pytest.fixture
def key():
    return trials_of(controls(), seed=3)


def answers(key, rater, choose):
    rows = [f"{key.page},{rater},{each.code},{choose(each)}" for each in key.trials]
    return "\n".join(["page,rater,trial,choice", *rows])


def other(side):
    return {"left": "right", "right": "left"}[side]


def test_every_image_is_asked_in_both_questions_on_balanced_sides(key):
    asked = [(each.question, each.image) for each in key.trials]
    every = {(q, image) for q in ("generator", "responses") for image in range(IMAGES)}
    assert set(asked) == every
    assert len(asked) == len(every)
    assert [each.side for each in key.trials].count("left") == IMAGES
    assert len({each.code for each in key.trials}) == 2 * IMAGES
    assert key == trials_of(controls(), seed=3)
    assert key.page != trials_of(controls(), seed=4).page
    changed = dataclasses.replace(controls(), made=controls().made + 0.01)
    assert key.page != trials_of(changed, seed=3).page


def test_questions_follow_from_what_was_made():
    found = trials_of(controls(VARIANTS[:2]), seed=0)
    assert {each.question for each in found.trials} == {"responses"}
    with pytest.raises(AnalysisError, match="no control that people could judge"):
        trials_of(controls(VARIANTS[:1]), seed=0)


def test_a_key_is_read_back_and_damage_is_said(key):
    assert Key.read(key.text()) == key
    for text in ("{", "[]", '{"page": "x", "trials": [{"code": 1}]}'):
        with pytest.raises(AnalysisError, match="key of the rating is damaged"):
            Key.read(text)


def test_the_page_has_all_pictures_and_nothing_that_tells_the_sides(key):
    html = rating_page(controls(), key, "<script>S</script>")
    assert "<script>S" not in html
    assert "&lt;script&gt;S" in html
    data = json.loads(re.search(r'application/json">(.*?)</script>', html, re.DOTALL)[1])
    assert data["page"] == key.page
    assert [each[0] for each in data["trials"]] == [each.code for each in key.trials]
    for (_, original, left, right), trial in zip(data["trials"], key.trials, strict=True):
        assert len({original, left, right}) == 3
        assert original == data["trials"][[t.image for t in key.trials].index(trial.image)][1]
    plain = re.sub(r"data:image/png;base64,[^\"]*", "", html)
    for word in ("reconstruction", "generator", "responses", ".png"):
        assert word not in plain, word
    assert not re.search(r"https?://", html)
    assert "default-src 'none'" in html


def test_the_reconstruction_lies_on_the_side_of_the_key(key):
    import base64
    import io

    from PIL import Image

    found = controls()
    html = rating_page(found, key, "S")
    data = json.loads(re.search(r'application/json">(.*?)</script>', html, re.DOTALL)[1])
    for (_, _, left, right), trial in zip(data["trials"], key.trials, strict=True):
        source = left if trial.side == "left" else right
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))
        np.testing.assert_array_equal(shown, np.round(255 * found.made[0, trial.image]))


def test_the_sign_test_is_exact():
    found = sign_test(np.array([1, 0.75, 0.6, 0.5, 0.2, np.nan, 1, 1]))
    assert found[:2] == (5, 6)
    assert found.p == pytest.approx(2 * stats.binom.sf(4, 6, 0.5))
    assert np.isnan(sign_test(np.array([0.5, np.nan])).p)


def test_answers_are_tested_over_raters_and_over_images(key):
    def first(each):
        return each.side if each.question == "generator" else other(each.side)

    def second(each):
        return each.side if each.question == "generator" and each.image < 5 else other(each.side)

    people = [
        read_answers(answers(key, name, choose), key, "f")
        for name, choose in (("a", first), ("b", first), ("c", second))
    ]
    found = {each.question: each for each in judged(key, people)}
    assert found["generator"].choices == 18
    assert found["generator"].share == pytest.approx(17 / 18)
    assert found["generator"].raters[:2] == (3, 3)
    assert found["generator"].raters.p == pytest.approx(0.25)
    assert found["generator"].images[:2] == (6, 6)
    assert found["generator"].images.p == pytest.approx(2 / 64)
    assert found["responses"].raters[:2] == (0, 3)
    assert found["responses"].share == 0


def test_answers_that_were_broken_off_count_as_far_as_they_go(key):
    text = "\n".join(answers(key, "a", lambda each: each.side).splitlines()[:4])
    found = judged(key, [read_answers(text, key, "f")])
    assert sum(each.choices for each in found) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text, key: text.replace(key.page, "0" * 16), r"f, line 2: answers to the page"),
        (lambda text, key: text.replace(key.trials[0].code, "zz"), "has no trial 'zz'"),
        (lambda text, key: f"{text}\n{text.splitlines()[1]}", "is answered twice"),
        (lambda text, key: text.replace(",left", ",both"), "expected left or right, found 'both'"),
        (lambda text, key: text.replace(",a,", ",b,", 1), "expected answers of one rater, found 2"),
        (lambda text, key: text.splitlines()[0], "of one rater, found 0"),
        (lambda text, key: text.replace("choice", "side"), "there is no choice"),
    ],
)
def test_answers_that_cannot_be_right_are_refused(key, change, said):
    text = answers(key, "a", lambda each: each.side)
    with pytest.raises(UsageError, match=said):
        read_answers(change(text, key), key, "f")


def test_one_person_counts_once(key):
    rater = read_answers("\ufeff" + answers(key, "a", lambda each: "left"), key, "f")
    with pytest.raises(UsageError, match="answers of the rater 'a'"):
        judged(key, [rater, rater])


@pytest.fixture
def session(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / "S"
    tp.from_arrays(
        path, rng.random((20, 10)), rng.random((20, 8, 8)), image=np.arange(20), say=None
    )
    return path


def test_the_command_makes_a_page_and_reads_its_answers(session, tmp_path, tpdecode):
    page = tmp_path / "rating.html"
    code, _, err = tpdecode("deep", "rating", session, "-o", page)
    assert code != 0
    assert "made by `tpdecode deep inversion" in err
    write_record(session / "deep/inversion.nc", controls())
    code, _, err = tpdecode("deep", "rating", session, "--read", page)
    assert code != 0
    assert "makes the page and its key" in err
    code, out, err = tpdecode("deep", "rating", session, "-o", page)
    assert code == 0, err
    assert "12 choices" in out
    key = Key.read((session / "deep/rating.json").read_text())
    files = []
    for name in ("a", "b"):
        files.append(tmp_path / f"{name}.csv")
        files[-1].write_text(answers(key, name, lambda each: each.side))
    code, out, err = tpdecode("deep", "rating", session, "--read", files[0], "--read", files[1])
    assert code == 0, err
    assert "100 % of 12 choices are for the picture with the generator" in out
    assert "over raters 2 of 2 prefer it (p = 0.5)" in out
    assert "over images 6 of 6 prefer it (p = 0.031)" in out
    code, _, err = tpdecode("deep", "rating", session)
    assert code != 0
    assert "either -o PAGE or --read CSV" in err


@needs_browser
def test_people_choose_by_keyboard_and_save_what_they_chose(key, tmp_path):
    html = rating_page(controls(), key, "S")
    chosen = ["ArrowLeft", "ArrowRight", "Backspace", "ArrowLeft", *["ArrowRight"] * 9]
    found = driven(
        html,
        tmp_path,
        ("ready", None),
        ("fill", ["#rater", '=a"b']),
        ("press", "ArrowLeft"),
        ("evaluate", "rating.place()"),
        ("click", "#begin button"),
        *(("press", key) for key in chosen),
        ("evaluate", "document.getElementById('progress').textContent"),
        ("evaluate", "document.getElementById('end').hidden"),
        ("press", "ArrowRight"),
        ("evaluate", "document.getElementById('end').hidden"),
        ("evaluate", "rating.table()"),
    )
    assert found["trouble"] == []
    results = found["results"]
    assert results[3] == 0, "no key counts before the page is begun"
    *_, progress, before, _, after, table = results
    assert progress == "12 of 12"
    assert (before, after) == (True, False)
    rater = read_answers(table, key, "f")
    assert rater.name == "'=a\"b"
    assert list(rater.choice) == [each.code for each in key.trials]
    assert list(rater.choice.values()) == ["left", "left", *["right"] * 10]
