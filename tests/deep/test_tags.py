"""Words about pictures: read from a table, told from cells that know them, not from others."""

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.metrics import roc_auc_score

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.deep.attention.shared_ridge import SharedRidge, chosen_strength
from twophoton_decode.deep.comparison.tags import TaggedImages, decode_tags, two_way_share
from twophoton_decode.errors import AnalysisError, StimulusImageError
from twophoton_decode.stimulus.tags import read_tags

IMAGES, CELLS = 60, 30


def tagged(seed=0):
    """Words that two in five pictures have, in five folds."""
    rng = np.random.default_rng(seed)
    content, has = np.arange(IMAGES), rng.random((IMAGES, 3)) < 0.4
    return TaggedImages(has, content % 5, content, np.zeros(IMAGES, dtype=int))


def told(images, knows, seed=1, permutations=99):
    """Cells that know the words as much as `knows` (words,) says."""
    rng = np.random.default_rng(seed)
    average = rng.standard_normal((IMAGES, CELLS))
    average[:, :3] += images.has * knows
    pictures = rng.random((IMAGES, 16, 16))
    return decode_tags(average, pictures, ["cat", "dog", "sea"], images, permutations, 0)


def test_words_are_read_whatever_way_they_are_laid_out(tmp_path):
    file = tmp_path / "words.csv"
    file.write_text("image,words\na.png,Cat; dog\nb,sea,,\n\na,sky\nother.png,boat\n")
    tags, has = read_tags(file, np.array(["a.png", "b.png", "c.png"]))
    assert tags == ["cat", "dog", "sea"]
    np.testing.assert_array_equal(has, [[1, 1, 0], [0, 0, 1], [0, 0, 0]])
    file.write_text("0,grey\n1,red;grey")
    assert read_tags(file, np.array(["0", "1"]))[0] == ["grey", "red"]


def test_a_table_that_says_nothing_is_refused(tmp_path):
    file = tmp_path / "words.csv"
    for text in (b"", b"image,tags\n", b"x.png,cat\n", b"\xff\xfe\x00bad", b"a.png,;;\n"):
        file.write_bytes(text)
        with pytest.raises(StimulusImageError, match="words"):
            read_tags(file, np.array(["a.png"]))


def test_the_share_of_pairs_is_the_area_under_the_curve_of_each_fold():
    rng = np.random.default_rng(0)
    score, has = rng.integers(0, 5, (40, 2)).astype(float), rng.random((40, 2)) < 0.5
    one = two_way_share(score, has, np.zeros(40, dtype=int))
    expected = [roc_auc_score(has[:, tag], score[:, tag]) for tag in range(2)]
    np.testing.assert_allclose(one, expected)
    fold = np.arange(40) % 2
    parts = [two_way_share(score[fold == n], has[fold == n], fold[fold == n]) for n in (0, 1)]
    pairs = [has[fold == n].sum(axis=0) * (~has[fold == n]).sum(axis=0) for n in (0, 1)]
    both = (parts[0] * pairs[0] + parts[1] * pairs[1]) / (pairs[0] + pairs[1])
    np.testing.assert_allclose(two_way_share(score, has, fold), both)
    assert np.isnan(two_way_share(score, np.ones_like(has), fold)).all()


def test_a_picture_is_scored_by_a_fit_to_the_other_folds():
    images = tagged()
    average = np.random.default_rng(2).standard_normal((IMAGES, CELLS))
    found = images.predicted(images.folds(average), images.has)
    own = images.fold == 3
    ridge, target = SharedRidge.of(average[~own]), images.has[~own].astype(float)
    strength, _ = chosen_strength(ridge, target, images.content[~own])
    expected = ridge.readout(average[own], strength).predict(target) + target.mean(axis=0)
    np.testing.assert_allclose(found[own], expected)
    changed = images.has.copy()
    changed[own] = ~changed[own]
    np.testing.assert_allclose(images.predicted(images.folds(average), changed)[own], expected)


def test_words_that_cells_know_are_told_and_others_are_not():
    fields, notes = told(tagged(), np.array([3.0, 0.0, 0.0]))
    assert notes == []
    assert fields["auc"][0] > 0.9
    assert fields["tag_p_holm"][0] <= 0.03
    assert (fields["tag_p"][1:] > 0.02).all()
    assert fields["chance"].shape == (3, 2)
    assert (fields["chance"][:, 0] < 0.5).all()
    assert (fields["chance"][:, 1] > 0.5).all()


def test_rare_words_are_left_out_and_named():
    images = tagged()
    images.has[:, 1] = np.arange(IMAGES) < 4
    fields, notes = told(images, np.zeros(3), permutations=0)
    assert fields["tag"].tolist() == ["cat", "sea"]
    assert notes == [
        "1 of 3 words are left out, dog: fewer than 10 different pictures have or lack them."
    ]
    assert np.isnan(fields["tag_p"]).all()
    images.has[:] = True
    with pytest.raises(AnalysisError, match="none of 3 words is decoded: each needs 10 different"):
        told(images, np.zeros(3))


def test_a_session_tells_words_by_the_command(tmp_path):
    rng = np.random.default_rng(0)
    pictures = rng.random((40, 16, 16))
    cats = np.arange(40) % 2 == 0
    responses = rng.standard_normal((3, 40, 12))
    responses[:, cats, 0] += 3
    np.save(tmp_path / "R.npy", responses)
    np.save(tmp_path / "I.npy", pictures)
    words = "\n".join(f"{n},{'Cat' if cat else 'dog'}" for n, cat in enumerate(cats))
    (tmp_path / "words.csv").write_text(words)
    run = CliRunner()
    session = str(tmp_path / "S")
    made = run.invoke(tpdecode, [
        "import", "arrays", "--responses", str(tmp_path / "R.npy"), "--axes", "repeat image cell",
        "--images", str(tmp_path / "I.npy"), "-o", session,
    ])  # fmt: skip
    assert made.exit_code == 0, made.output
    refused = run.invoke(tpdecode, ["deep", "tags", session])
    assert "there are no words about the pictures: name a table of them by --tags" in str(
        refused.exception
    )
    found = run.invoke(tpdecode, ["deep", "tags", session, "--tags", str(tmp_path / "words.csv")])
    assert found.exit_code == 0, found.output
    assert "told: cat, dog" in found.output
    assert (tmp_path / "S" / "figures" / "decoded_tags.png").exists()
