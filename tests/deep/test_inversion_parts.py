"""Latent, generator, encoder and critic of feature inversion, and the ways down."""

import numpy as np
import pytest
import torch

from twophoton_decode.deep.comparison.decoding.feature_decoding import FoldDecoder
from twophoton_decode.deep.features.layers import LayerReader
from twophoton_decode.deep.inversion.critic import Critic, Target, total_variation
from twophoton_decode.deep.inversion.descent import Descent
from twophoton_decode.deep.inversion.encoder import POOLED_PX, LayerEncoder
from twophoton_decode.deep.inversion.generator import Decoded, Pixels
from twophoton_decode.deep.inversion.inversion import Inversion
from twophoton_decode.deep.inversion.kept_pictures import KeptPictures
from twophoton_decode.deep.inversion.latent import Latent
from twophoton_decode.deep.inversion.readout.codes import CodeReadout
from twophoton_decode.deep.inversion.readout.features import FeatureReadout
from twophoton_decode.deep.inversion.working_size import Brightness, averaged
from twophoton_decode.deep.networks.autoencoders.named import open_autoencoder
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.errors import AnalysisError, UnknownNameError

CPU = torch.device("cpu")
SIDE = 32


@pytest.fixture(scope="module")
def network():
    return open_network("efficientnet-lite0@random:0")


@pytest.fixture(scope="module")
def encoder(network):
    return LayerEncoder.of(network, SIDE, 200, CPU, ("stem", "b1"))


def pictures(count, side=SIDE, seed=0):
    """Smooth grey pictures, (count, 3, side, side)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    waves = [
        np.sin(2 * np.pi * (a * x + b * y) + phase)
        for a, b, phase in rng.uniform(-3, 3, (count, 3))
    ]
    grey = 0.5 + 0.4 * np.stack(waves)
    return np.repeat(grey[:, None], 3, axis=1).astype(np.float32)


def test_the_critic_is_the_sum_of_relative_errors_and_the_total_variation():
    rng = np.random.default_rng(0)
    found = {"a": rng.random((2, 6)), "b": rng.random((2, 4))}
    unit = {"a": np.array([1, 4]), "b": np.arange(4)}
    wanted = {"a": rng.random((2, 2)), "b": rng.random((2, 4))}
    shown = rng.random((2, 3, 5, 7))
    across, down = np.diff(shown, axis=3) ** 2, np.diff(shown, axis=2) ** 2
    tv = across.mean(axis=(1, 2, 3)) + down.mean(axis=(1, 2, 3))
    errors = [
        ((found[name][:, unit[name]] - wanted[name]) ** 2).sum(1) / (wanted[name] ** 2).sum(1)
        for name in "ab"
    ]
    tensors = {name: torch.from_numpy(each) for name, each in found.items()}
    target = Target(unit, wanted, {"b": 2.5})
    made = Critic(smoothness=0.3)(tensors, target, torch.from_numpy(shown))
    np.testing.assert_allclose(made, errors[0] + 2.5 * errors[1] + 0.3 * tv, rtol=1e-12)
    np.testing.assert_allclose(total_variation(torch.from_numpy(shown)), tv, rtol=1e-12)


def test_a_target_gives_some_pictures_and_some_layers():
    value = {"a": np.arange(3)[:, None], "b": np.ones((3, 1))}
    target = Target({"a": [0], "b": [1]}, value, {"b": 0.5})
    assert target[1:2].value["a"].tolist() == [[1]]
    assert list(target.only(("b",)).value) == ["b"]
    assert target.only(("b",)).weight["b"] == target[1:2].weight["b"] == 0.5


def test_a_prior_is_lambda_times_the_mean_of_squares():
    centre, variance = np.ones((1, 2, 3)), np.full((1, 2, 3), 4.0)
    latent = Latent(centre, centre, variance, 0.7)
    value = torch.full((2, 2, 3), 5.0, dtype=torch.float64)
    np.testing.assert_allclose(latent.penalty(value), [0.7 * 4, 0.7 * 4])
    assert not Latent(centre).penalty(value).any()


@pytest.mark.parametrize("descent", [Descent("lbfgs", 30), Descent("adam", 400, 0.1)])
def test_both_ways_find_the_lowest_place(descent):
    scale = torch.tensor([1.0, 30.0])

    def loss(at):
        return (scale * (at - torch.tensor([2.0, -1.0])) ** 2).sum()

    reached = descent(loss, torch.zeros(1, 2))
    np.testing.assert_allclose(reached.latent, [[2, -1]], atol=1e-2)
    assert reached.first == pytest.approx(34)
    assert reached.improved
    assert reached.finite


@pytest.mark.parametrize("method", ["lbfgs", "adam"])
def test_the_best_place_before_the_loss_is_no_number_is_kept(method):
    def loss(at):
        return ((at - 5) ** 2).sum() if float(at.detach()) < 1 else (at * float("nan")).sum()

    reached = Descent(method, 50, 0.3)(loss, torch.zeros(1, 1))
    assert not reached.finite
    assert np.isfinite(reached.latent).all()
    assert reached.loss <= 25


def test_the_encoder_reads_what_the_network_reads(network, encoder):
    shown = pictures(3)
    whole = LayerReader(network, SIDE, 0, CPU)
    every = dict(
        zip(
            whole.chosen,
            np.split(whole.read(shown), np.cumsum([len(u) for u in whole.chosen.values()]), 1),
            strict=False,
        )
    )
    read = encoder.read(shown)
    assert list(read) == ["stem", "b1"]
    for name, found in read.items():
        chosen = encoder.reader.chosen[name]
        assert found.shape == (3, min(200, every[name].shape[1]))
        np.testing.assert_allclose(found, every[name][:, chosen], atol=1e-6)


def test_layers_above_16_places_are_averaged(network):
    shown = pictures(2, 64)
    read = LayerEncoder.of(network, 64, 0, CPU, ("stem",)).read(shown)["stem"]
    reader = LayerReader(network, 64, 0, CPU)
    stem = reader.read(shown)[:, : len(reader.chosen["stem"])].reshape(2, -1, 32, 32)
    pooled = stem.reshape(2, -1, POOLED_PX, 2, POOLED_PX, 2).mean(axis=(3, 5))
    np.testing.assert_allclose(read, pooled.reshape(2, -1), atol=1e-5)


def test_gradients_pass_to_the_pixels(encoder):
    shown = torch.from_numpy(pictures(1)).requires_grad_()
    encoder(shown, ("b1",))["b1"].sum().backward()
    assert torch.isfinite(shown.grad).all()
    assert (shown.grad != 0).float().mean() > 0.5


def test_the_network_is_left_when_the_last_layer_is_known(network, encoder, monkeypatch):
    shown = torch.from_numpy(pictures(2))
    whole = encoder.read(shown.numpy())
    monkeypatch.setattr(network.module.blocks[2], "forward", lambda *_: pytest.fail("ran on"))
    found = encoder(shown, ("b1", "stem"))
    assert list(found) == ["stem", "b1"]
    for name, each in found.items():
        np.testing.assert_allclose(each, whole[name], atol=1e-6)


def test_an_unknown_layer_is_named(network):
    with pytest.raises(UnknownNameError, match=r"conv9.*stem"):
        LayerEncoder.of(network, SIDE, 10, CPU, ("conv9",))


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_start_at_one_colour(channels):
    generator = Pixels(channels, 8)
    colour = np.array([0.2, 0.2, 0.2]) if channels == 1 else np.array([0.2, 0.5, 0.9])
    made = generator(torch.from_numpy(generator.flat(colour)))
    assert made.shape == (1, 3, 8, 8)
    np.testing.assert_allclose(made[0].mean(dim=(1, 2)), colour, atol=1e-6)


def test_grey_pictures_of_a_generator_are_luma_from_0_to_1():
    coder = open_autoencoder("taef2@random:0")
    code = 3 * torch.randn(2, 32, 4, 4, generator=torch.Generator().manual_seed(0))
    grey, colour = Decoded(coder, True)(code), Decoded(coder, False)(code)
    assert grey.shape == (2, 3, 32, 32)
    assert torch.equal(grey[:, 0], grey[:, 2])
    assert grey.min() >= 0
    assert grey.max() <= 1
    np.testing.assert_allclose(colour, coder.decode(code.numpy()), atol=1e-6)
    luma = np.einsum("ncyx,c->nyx", coder.decoder(code).numpy(), (0.2126, 0.7152, 0.0722))
    np.testing.assert_allclose(grey[:, 0], luma.clip(0, 1), atol=1e-6)


def test_a_picture_is_recovered_from_its_true_features(network):
    shown = pictures(1)
    encoder = LayerEncoder.of(network, SIDE, 0, CPU, ("stem", "b0"))
    true = encoder.read(shown)
    target = Target({name: np.arange(each.shape[1]) for name, each in true.items()}, true)
    generator = Pixels(1, SIDE)
    invert = Inversion(encoder, generator, Critic(0.01), Descent("lbfgs", 15))
    found = invert(Latent(generator.flat(np.full(3, 0.4))), target)
    assert found.reached.loss < 0.1 * found.reached.first
    assert np.corrcoef(found.picture[0].ravel(), shown[0, 0].ravel())[0, 1] > 0.9
    assert found.doubt == ""


def test_no_step_and_no_number_are_said(encoder):
    true = encoder.read(pictures(1))
    target = Target({name: np.arange(each.shape[1]) for name, each in true.items()}, true)
    latent = Latent(np.full((1, 1, SIDE, SIDE), 0.3, np.float32))
    still = Inversion(encoder, Pixels(1, SIDE), Critic(), Descent("adam", 0))
    assert "no step came nearer" in still(latent, target).doubt
    zero = Target(target.unit, {name: 0 * each for name, each in target.value.items()})
    broken = Inversion(encoder, Pixels(1, SIDE), Critic(), Descent("adam", 3))
    found = broken(latent, zero)
    assert "stopped being a number" in found.doubt
    assert np.isfinite(found.picture).all()


def linear_cells(features, cells, seed=0):
    rng = np.random.default_rng(seed)
    centred = features - features.mean(axis=0)
    return centred @ rng.standard_normal((features.shape[1], cells)) / np.sqrt(cells)


def test_features_are_decoded_in_the_networks_own_units():
    rng = np.random.default_rng(0)
    layers = {
        "early": np.float32(3 + 2 * rng.standard_normal((60, 8))),
        "dead": np.ones((60, 5), np.float32),
        "late": np.float32(rng.standard_normal((60, 4))),
    }
    layers["early"][:, 3] = 7
    R = linear_cells(np.concatenate([layers["early"], layers["late"]], axis=1), 40)
    part = FoldDecoder.of(R, np.arange(60), np.arange(60))
    readout = FeatureReadout.fit(part, layers)
    assert readout.notes == ["layers dead are left out: their units do not vary."]
    assert readout.unit["early"].tolist() == [0, 1, 2, 4, 5, 6, 7]
    found, true = readout(R), readout.true(layers)
    for name in ("early", "late"):
        np.testing.assert_allclose(found.value[name], true.value[name], atol=0.3)
    left_out = found.value["early"].std(axis=0) / true.value["early"].std(axis=0)
    np.testing.assert_allclose(left_out, 1, atol=0.1)


def test_pictures_that_look_alike_cannot_be_decoded():
    part = FoldDecoder.of(np.random.default_rng(0).random((9, 4)), np.arange(9), np.arange(9))
    with pytest.raises(AnalysisError, match="look alike"):
        FeatureReadout.fit(part, {"a": np.ones((9, 6), np.float32)})


def test_layers_count_by_how_well_left_out_pictures_are_told_apart():
    rng = np.random.default_rng(3)
    told, untold = np.float32(rng.standard_normal((2, 40, 30)))
    R = linear_cells(told, 60)
    part = FoldDecoder.of(R, np.arange(40), np.arange(40))
    readout = FeatureReadout.fit(part, {"told": told, "untold": untold})
    assert readout.weight["told"] > 0.9
    assert readout.weight["untold"] < 0.3
    assert readout(R).weight == readout.weight
    assert not readout.true({"told": told, "untold": untold}).weight


def test_what_cells_do_not_tell_is_told_apart_at_chance_although_each_picture_is_left_out():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(12):
        part = FoldDecoder.of(rng.standard_normal((30, 8)), np.arange(30), np.arange(30))
        found.append(part.told_apart(part.fit(np.float32(rng.standard_normal((30, 50))))))
    assert 0.44 < np.mean(found) < 0.56


def halves(shown):
    """Means of the left and of the right half, (n, 2, 1, 1), as an encoder's code."""
    sides = shown[:, 0].reshape(len(shown), 4, 2, 2).mean(axis=(1, 3))
    return np.float32(4 * sides[:, :, None, None])


def test_codes_start_at_those_of_ridges_pictures():
    rng = np.random.default_rng(1)
    shown = np.float32(rng.uniform(0.2, 0.8, (60, 1, 4, 4)))
    shown[:, 0, 0, 0] = 0.5
    R = linear_cells(shown.reshape(60, -1)[:, 1:], 40)
    part = FoldDecoder.of(R, np.arange(60), np.arange(60))
    readout = CodeReadout.fit(part, shown, halves(shown), halves)
    start, centre = readout(R)
    np.testing.assert_allclose(centre, halves(shown), atol=0.1)
    np.testing.assert_allclose(start, halves(shown), atol=0.2)
    np.testing.assert_allclose(readout.mean[0], halves(shown).mean(axis=0), atol=1e-6)
    assert readout.picture.deviation(R)[:, 0, 0, 0].tolist() == [0] * 60


def test_a_prior_is_as_wide_as_what_responses_leave_open_and_a_start_as_far_from_the_mean():
    rng = np.random.default_rng(2)
    shown = np.float32(rng.uniform(0.2, 0.8, (200, 1, 4, 4)))
    codes = halves(shown)
    R = shown[:, 0, :, :2].reshape(200, -1) + 0.05 * rng.standard_normal((200, 8))
    part = FoldDecoder.of(R, np.arange(200), np.arange(200))
    readout = CodeReadout.fit(part, shown, codes, halves)
    seen, unseen = readout.variance.ravel() / codes.var(axis=0).ravel()
    assert seen < 0.3
    assert 0.7 < unseen < 1.4
    np.testing.assert_allclose(readout(R)[0].std(axis=0), codes.std(axis=0), rtol=0.4)


def test_pictures_are_averaged_and_brought_to_the_sessions_brightness():
    shown = pictures(4)
    small = averaged(shown, (8, 8))
    blocks = shown[:, 0].reshape(4, 8, 4, 8, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(small, blocks, atol=1e-6)
    brightness = Brightness.of(small, 50 + 20 * small)
    assert brightness.black == pytest.approx(50, abs=1e-3)
    assert brightness.range == pytest.approx(20, abs=1e-3)
    np.testing.assert_allclose(brightness(small), 50 + 20 * small, atol=1e-3)
    assert np.isfinite(Brightness.of(np.ones((2, 3, 3)), np.ones((2, 3, 3)))(small)).all()


def test_kept_pictures_are_read_again_but_not_those_of_other_settings(tmp_path):
    file, picture = tmp_path / "kept.npz", np.full((3, 4, 4), 0.5, np.float32)
    kept = KeptPictures(file, "one")
    kept.put(np.arange(5.0), picture, "why")
    kept.write()
    again = KeptPictures(file, "one")
    np.testing.assert_array_equal(again.get(np.arange(5.0)), picture)
    assert again.get(np.arange(5.0) + 1e-9) is None
    assert again.doubts == {"why": 1}
    assert not again.discarded
    other = KeptPictures(file, "two")
    assert other.discarded
    assert other.get(np.arange(5.0)) is None
    file.write_bytes(file.read_bytes()[:-30])
    assert KeptPictures(file, "one").discarded


def test_a_folder_that_cannot_be_written_loses_the_copy_alone(tmp_path):
    (tmp_path / "file").write_text("")
    kept = KeptPictures(tmp_path / "file" / "kept.npz", "one")
    kept.put(np.arange(2.0), np.zeros((3, 2, 2), np.float32), "")
    kept.write()
    assert kept.get(np.arange(2.0)) is not None
