"""The section of ``session.toml`` on deep networks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twophoton_decode.settings.section import PathText, Section, Window


class DeepSettings(Section):
    """What the deep commands share: networks, and how they are given the pictures."""

    networks: list[str] = Field(
        ["efficientnet-lite0"],
        min_length=1,
        max_length=1000,
        description="networks whose layers are compared with cells; NAME@random:SEED has random "
        "weights",
    )
    weights: PathText = Field(
        "",
        description="file or folder of weights to look into first, relative to the session; "
        "empty: where `tpdecode weights list` says",
    )
    input_px: int = Field(
        128,
        ge=32,
        le=1024,
        description="side of the pictures that networks are given, or the nearest below that a "
        "network takes",
    )
    colour: Literal["grey", "rgb"] = Field(
        "grey",
        description="grey: networks are given luma; rgb: the colours of the files, which are not "
        "what a mouse sees",
    )
    units: int = Field(
        1000,
        ge=0,
        le=1_000_000,
        description="units of a layer that are used, chosen at random where it has more; 0: all",
    )
    twins: int = Field(
        5,
        ge=1,
        le=1000,
        description="draws of random weights that `deep decode` compares a trained network with; "
        "each costs as much time as the network",
    )
    attention: Literal["cam", "branch", "dino", "file"] = Field(
        "cam",
        description="maps of attention for `deep encode`: cam, class activation of the network "
        "itself; branch, the attention branch of abn-resnet50; dino, the class token of "
        "dinov2-small; file, those of attention_file",
    )
    attention_file: PathText = Field(
        "",
        description="square maps of attention, (picture, y, x), in the order of the pictures; FILE "
        "or FILE=key",
    )
    degraded_column: str = Field(
        "",
        description="column of the log that names the original of each degraded picture, such as a "
        "blurred one; empty cells: the picture is an original",
    )
    familiar_column: str = Field(
        "",
        description="column that says whether the animal had seen the original of a degraded "
        "picture before: familiar or unfamiliar, yes or no, 1 or 0; empty: none",
    )
    phase_column: str = Field(
        "",
        description="column that says whether a degraded picture was shown before or after the "
        "animal saw its original: before or after; empty: none",
    )
    degradation_column: str = Field(
        "",
        description="column that says how a degraded picture was made, such as blur; empty: they "
        "are grouped by their correlation with the original",
    )
    dissimilarity: Literal["crossnobis", "correlation"] = Field(
        "crossnobis",
        description="dissimilarity of the responses to two pictures: crossnobis (cross-validated "
        "over repeats, so that noise adds nothing) or correlation (1 - r of mean responses)",
    )
    splits: int = Field(
        20, ge=1, le=10_000, description="random divisions of the repeats, for reliability"
    )
    generator: str = Field(
        "taef2",
        description="what `latent`, `latent-diffusion` and `feature-inversion` make pictures with: "
        "taef2, an autoencoder whose code is decoded or optimised; pixels, no generator "
        "(`feature-inversion` alone); NAME@random:SEED has random weights",
    )
    denoiser: PathText = Field(
        "",
        description="file of the denoiser for `latent-diffusion`, made by `tpdecode deep "
        "train-denoiser`",
    )
    denoiser_strength: float = Field(
        0.35,
        ge=0.01,
        le=1,
        description="how much noise codes are given before `latent-diffusion` takes it off: 1 "
        "leaves nothing of what was decoded of them",
    )
    denoiser_steps: int = Field(
        20, ge=1, le=1000, description="steps in which `latent-diffusion` takes noise off"
    )
    driven_by: Literal["both", "z", "c"] = Field(
        "both",
        description="what drives `latent-diffusion`: z, the decoded code alone; c, what the "
        "picture is about alone; or both",
    )
    z_population: str = Field(
        "",
        description="population from whose cells `latent-diffusion` decodes the code of a picture; "
        "all: all cells; empty: the first population, or all cells where there are not two",
    )
    c_population: str = Field(
        "",
        description="population from whose cells it decodes what a picture is about; empty: the "
        "second population, or all cells",
    )
    training_steps: int = Field(
        1500,
        ge=1,
        le=10_000_000,
        description="steps of training, at most, of decoders with a network (end-to-end); it stops "
        "earlier where held-out training images gain nothing more",
    )
    inversion_px: int = Field(
        64,
        ge=32,
        le=1024,
        description="side of the pictures that feature-inversion optimises; twice the side takes "
        "about four times as long",
    )
    inversion_layers: list[str] = Field(
        [],
        max_length=1000,
        description="layers of the first of networks that feature-inversion matches; empty: all",
    )
    inversion_images: int = Field(
        10,
        ge=2,
        le=1_000_000,
        description="images that `deep inversion` makes in every way; each takes as long as two "
        "dozen reconstructions",
    )
    movie_lags_s: Window = Field(
        (-0.1, 0.5),
        description="movie stimuli: responses from so long before to so long after a frame decode "
        "it together, s",
    )
    movie_correction: bool = Field(
        False,
        description="movie stimuli: train a network that corrects decoded clips; it is used where "
        "held-out training clips show that it helps",
    )
    movie_latents: bool = Field(
        False,
        description="movie stimuli: pass decoded frames through the codes of `generator` too, "
        "each by itself and each after the one before",
    )
    synthetic_pairs: bool = Field(
        False,
        description="end-to-end learns from mirrored training pictures too, with responses that an "
        "encoding model predicts",
    )
    most_hours: float = Field(
        2.0,
        ge=0,
        le=10_000,
        description="cell counts and stability are left out for decoders that would take longer, h",
    )
    device: Literal["cpu", "cuda", "mps"] = Field(
        "cpu", description="device on which networks compute"
    )
