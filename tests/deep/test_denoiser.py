"""The denoiser: its formulae, its training and its file, and pictures that it has seen."""

import hashlib
import json
import pickle

import numpy as np
import pytest
import torch
from PIL import Image

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.latent.denoiser import condition, make, noise
from twophoton_decode.deep.latent.denoiser import pictures as training_set
from twophoton_decode.deep.latent.denoiser.condition import Components
from twophoton_decode.deep.latent.denoiser.file import CodeScale, read_denoiser
from twophoton_decode.deep.latent.denoiser.train import Examples, train_denoiser
from twophoton_decode.deep.latent.denoiser.unet import Shape, build
from twophoton_decode.deep.training.loop import Budget
from twophoton_decode.errors import DeviceError, TrainingError, WeightsError
from twophoton_decode.stimulus.colour_pictures import ColourPictures, open_colour_pictures

CHANNELS, SIDE = 4, 4
CHOICE = make.Choice("taef2@random:0", "resnet18@random:0", 32, width=8, steps=4)


def waves(count, side=32, seed=0):
    """Varied pictures, (count, side, side, 3) bytes."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    wave, phase = rng.uniform(-3, 3, (2, count, 3, 1, 1)), rng.uniform(0, 6, (count, 3, 1, 1))
    grey = np.sin(2 * np.pi * (wave[0] * x + wave[1] * y) + phase).sum(axis=1)
    return np.repeat((127 + 42 * grey)[..., None], 3, axis=-1).clip(0, 255).astype(np.uint8)


def opened(pixels):
    return ColourPictures(np.arange(len(pixels)).astype(str), [], lambda index: pixels[index])


def examples(count=64, seed=0):
    """Codes of one pattern each, whose sign the features tell."""
    rng = np.random.default_rng(seed)
    sign = rng.choice([-1.0, 1.0], count)
    pattern = np.random.default_rng(9).normal(size=(CHANNELS, SIDE, SIDE))
    codes = sign[:, None, None, None] * pattern + 0.1 * rng.normal(size=(count, *pattern.shape))
    features = np.column_stack([sign, rng.normal(size=(count, 3))])
    return Examples(codes.astype(np.float32), features, np.arange(count)), sign, pattern


def test_a_new_network_gives_the_best_guess_without_knowledge():
    """For codes of mean 0 and SD 1, E[x | x + σ n] of what is normal is y / (σ² + 1)."""
    network = build(Shape(CHANNELS, 6, 8), 0).eval()
    noised, sigma = torch.randn(3, CHANNELS, SIDE, SIDE), torch.tensor([0.1, 1.0, 5.0])
    with torch.no_grad():
        found = noise.denoised(network, noised, sigma, torch.zeros(3, 6))
    torch.testing.assert_close(found, noised / (sigma**2 + 1)[:, None, None, None])


def test_the_loss_counts_every_level_alike():
    """Of that guess the weighted loss of normal codes is 1 at each σ."""
    network = build(Shape(CHANNELS, 2, 8), 0)
    torch.manual_seed(0)
    codes, added = torch.randn(2, 400, CHANNELS, SIDE, SIDE)
    for level in (0.1, 1.0, 5.0):
        sigma = torch.full((400,), level)
        found = noise.loss(network, codes, added, sigma, torch.zeros(400, 2)).detach()
        assert float(found) == pytest.approx(1, abs=0.05)


def test_levels_fall_from_that_of_the_strength_to_none():
    levels = noise.noise_levels(1.0, 10)
    assert levels[0] == pytest.approx(noise.MOST)
    assert levels[-2] == pytest.approx(noise.LEAST)
    assert levels[-1] == 0
    assert (np.diff(levels) < 0).all()
    assert noise.noise_levels(0.8, 5)[0] == pytest.approx(4.16, abs=0.01)


def test_sampling_finds_the_one_code_that_there_is():
    """Where D is always c, every sample is c, whatever the noise."""
    code = torch.randn(1, CHANNELS, SIDE, SIDE)

    class Knows(torch.nn.Module):
        def forward(self, given, level, told):
            sigma = torch.exp(4 * level)[:, None, None, None]
            spread = (sigma**2 + 1).sqrt()
            return (code - given / spread) * spread / sigma

    start, added = torch.randn(2, 2, CHANNELS, SIDE, SIDE)
    found = noise.sampled(Knows(), start, added, noise.noise_levels(0.8, 20), torch.zeros(2, 1))
    torch.testing.assert_close(found, code.expand(2, -1, -1, -1), atol=1e-4, rtol=1e-4)


def test_components_are_uncorrelated_with_sd_1():
    features = np.random.default_rng(0).normal(size=(80, 30)) * np.arange(1, 31)
    found = Components.of(features)
    assert found.count == 20
    np.testing.assert_allclose(np.cov(found(features).T, bias=True), np.eye(20), atol=1e-4)
    flat = np.repeat(features[:, :2], 5, axis=1)
    assert Components.of(flat).count == 2


def test_wrong_components_have_the_stated_correlation_with_the_true_ones():
    rng = np.random.default_rng(0)
    true = rng.normal(size=(20000, 2))
    made = condition.corrupted(true, rng)
    guess, reliability = made[:, :2], made[:, 2:]
    assert (reliability[:, 0] == 0).mean() == pytest.approx(0.1, abs=0.02)
    for low in (0.1, 0.4):
        rows = np.abs(reliability[:, 0] - low) < 0.03
        wrong = guess[rows, 0] / reliability[rows, 0]
        assert np.corrcoef(wrong, true[rows, 0])[0, 1] == pytest.approx(low, abs=0.08)
        assert wrong.std() == pytest.approx(1, abs=0.1)


def test_training_lowers_the_loss_on_pictures_that_are_held_out():
    given, _, _ = examples()
    result = train_denoiser(given, 8, Budget(120, 3e-3, check_every=60), TrainingRun())
    assert result.trained.held_out[-1] < 0.8 * result.trained.held_out[0]


def test_training_learns_what_the_condition_tells():
    """Where noise hides the code, what is told of it decides the level of what is made."""
    rng = np.random.default_rng(0)
    sign = rng.choice([-1.0, 1.0], 64)
    codes = 0.6 * sign[:, None, None, None] + rng.normal(size=(64, CHANNELS, SIDE, SIDE))
    features = np.column_stack([sign, 0.1 * rng.normal(size=64)])
    given = Examples(codes.astype(np.float32), features, np.arange(64))
    result = train_denoiser(given, 16, Budget(200, 3e-3, check_every=50), TrainingRun())
    noised = torch.from_numpy(10 * rng.standard_normal(codes.shape).astype(np.float32))
    level = []
    for direction in (1, -1):
        told = condition.told(direction * result.components(features), np.ones(()))
        with torch.no_grad():
            made = noise.denoised(
                result.network, noised, torch.full((64,), 10.0), torch.from_numpy(told)
            )
        level.append(result.scale.back(made.numpy()).mean(axis=(1, 2, 3)))
    assert np.corrcoef(level[0] - level[1], sign)[0, 1] > 0.8


def test_codes_are_brought_to_mean_0_and_sd_1_and_back():
    codes = np.random.default_rng(0).normal(3, 2, (9, CHANNELS, SIDE, SIDE)).astype(np.float32)
    codes[:, 1] = 7
    scale = CodeScale.of(codes)
    found = scale.standard(codes)
    np.testing.assert_allclose(found.std(axis=(0, 2, 3)), [1, 0, 1, 1], atol=1e-5)
    np.testing.assert_allclose(scale.back(found), codes, atol=1e-5)


@pytest.fixture(scope="module")
def denoiser(tmp_path_factory):
    """A file of a denoiser, and its training pictures."""
    file = tmp_path_factory.mktemp("made") / "denoiser.npz"
    made = make.make_denoiser(opened(waves(56)), file, CHOICE)
    return file, made


def test_the_file_holds_the_whole_denoiser(denoiser):
    file, made = denoiser
    read = read_denoiser(file)
    assert read.origin == made.denoiser.origin
    assert read.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (read.origin.pictures, read.origin.steps, read.origin.layer) == (56, 4, "gap")
    given = torch.randn(2, 32, 4, 4), torch.zeros(2), torch.zeros(2, 2 * read.components.count)
    with torch.no_grad():
        torch.testing.assert_close(read.network(*given), made.denoiser.network(*given))
    assert "56 different pictures are few" in " ".join(made.notes)
    assert not make.unfinished(file).exists()


def test_an_interrupted_training_goes_on_and_ends_the_same(denoiser, tmp_path):
    made = denoiser[1]
    other = tmp_path / "again.npz"

    def stop(done, total, what):
        if what == "training steps" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make.make_denoiser(opened(waves(56)), other, CHOICE, stop)
    assert make.unfinished(other).is_dir()
    assert not other.exists()
    steps = []
    again = make.make_denoiser(
        opened(waves(56)), other, CHOICE,
        lambda done, total, what: steps.append(done) if what == "training steps" else None,
    )  # fmt: skip
    assert steps == [3, 4]
    a, b = (each.denoiser.network.state_dict() for each in (made, again))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_files_that_are_no_denoisers_are_refused(denoiser, tmp_path):
    bad = tmp_path / "bad.npz"
    with pytest.raises(WeightsError, match="no such file of a denoiser"):
        read_denoiser(bad)
    bad.write_bytes(pickle.dumps({"weight": 1}))
    with pytest.raises(WeightsError, match="cannot be read as a denoiser"):
        read_denoiser(bad)
    np.savez(bad, origin=np.array([{"a": 1}], dtype=object), format=1)
    with pytest.raises(WeightsError, match="cannot be read as a denoiser"):
        read_denoiser(bad)
    with np.load(denoiser[0]) as held:
        arrays = {name: held[name] for name in held.files}
    for change in (
        {"format": np.array(2)},
        {"weight/take.bias": np.full(8, np.nan, np.float32)},
        {"origin": np.array(json.dumps({"side": 3}))},
        {"code_mean": np.zeros(3, np.float32)},
    ):
        np.savez(bad, **arrays | change)
        with pytest.raises(WeightsError, match="cannot be read as a denoiser"):
            read_denoiser(bad)


@pytest.mark.parametrize(
    ("pixels", "told"),
    [
        (waves(10), "found 10 pictures, 10 of them different"),
        (np.repeat(waves(1), 60, axis=0), "all 60 pictures are alike"),
        (np.full((60, 32, 32, 3), 9, np.uint8), "all 60 pictures are alike"),
        (np.repeat(waves(30), 2, axis=0), "found 60 pictures, 30 of them different"),
    ],
)
def test_pictures_that_cannot_train_are_refused(pixels, told, tmp_path):
    with pytest.raises(TrainingError, match=told):
        make.make_denoiser(opened(pixels), tmp_path / "no.npz", CHOICE)


def test_pictures_that_were_trained_with_are_found_again(denoiser):
    """Also in another contrast, shifted by a pixel, and larger; others are not."""
    denoiser = read_denoiser(denoiser[0])
    seen, new = waves(56)[:6], waves(8, seed=5)
    changed = np.concatenate([
        seen[:2], np.roll(seen[2:4], 1, axis=2), (0.5 * seen[4:6] + 40).astype(np.uint8), new,
    ])  # fmt: skip
    given = changed.transpose(0, 3, 1, 2) / 255.0
    assert set(range(6)) <= set(training_set.known_pictures(denoiser, given, 0.95).tolist())
    assert training_set.known_pictures(denoiser, given[6:], 0.95).size == 0
    with pytest.raises(TrainingError, match="6 of 14 pictures that were shown are among the 56"):
        training_set.refuse_known(denoiser, given, 0.95, "d.npz")


def test_a_device_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DeviceError, match="mps was asked for"):
        make.make_denoiser(
            opened(waves(56)), tmp_path / "no.npz", make.Choice(**{**vars(CHOICE), "device": "mps"})
        )


def test_the_command_trains_on_a_folder(tmp_path, tpdecode):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for number, pixels in enumerate(waves(52, 24)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    file = tmp_path / "d.npz"
    call = ("deep", "train-denoiser", folder, "-o", file, "--size", 32, "--width", 8, "--steps", 2)
    nets = ("--autoencoder", "taef2@random:0", "--network", "resnet18@random:0")
    code, out, err = tpdecode(*call, *nets)
    assert code == 0, err
    assert "52 pictures of 52 had fewer than 32 px and were enlarged" in out
    assert f"{file}: a denoiser of 52 pictures" in out
    assert read_denoiser(file).origin.side == 32
    code, _, err = tpdecode(*call[:-4], "--width", 12, *nets)
    assert code == 2
    assert "--width must be a multiple of 8; found 12" in err
    code, _, err = tpdecode("deep", "train-denoiser", tmp_path / "none", "-o", file, *nets)
    assert code == 2
    assert "none" in err
    assert len(open_colour_pictures(folder)) == 52
