"""Layers against human and monkey IT: the 92 objects of Kriegeskorte et al. 2008.

python benchmarks/deep/rsa92.py [FOLDER] [--network NAME]…

Writes pictures and matrices into a temporary folder and runs `tpdecode deep rsa --rdm` on them.
Human dissimilarities of four subjects are means over two sessions.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
import scipy.io
from PIL import Image

from twophoton_decode.deep.comparison.dissimilarity import as_matrix
from twophoton_decode.figures.deep.representation_words import sentences
from twophoton_decode.pipeline.deep.given_rdms import compare_given_rdms


def prepare(source, folder):
    """Pictures as files, dissimilarities as ``it.npz``."""
    options = {"struct_as_record": False, "squeeze_me": True}
    study = scipy.io.loadmat(source / "Kriegeskorte_Neuron2008_supplementalData.mat", **options)
    (folder / "pictures").mkdir()
    for place, stimulus in enumerate(study["stimuli_92objs"]):
        Image.fromarray(stimulus.image).save(folder / f"pictures/{place:02d}.png")
    monkey, human = (np.asarray(each.RDM, float) for each in study["RDMs_mIT_hIT_fig1"])
    brains = scipy.io.loadmat(source / "92_brainRDMs.mat", **options)["RDMs"]
    subjects = [np.mean([_matrix(each.RDM) for each in sessions], axis=0) for sessions in brains]
    np.savez(folder / "it.npz", human_mean=human, human_subjects=np.stack(subjects), monkey=monkey)


def _matrix(values):
    values = np.asarray(values, float)
    return as_matrix(values) if values.ndim == 1 else values


def main():
    parser = argparse.ArgumentParser()
    data = os.environ.get("TPDECODE_REAL_DATA", "../shared/data")
    parser.add_argument("folder", nargs="?", default=f"{data}/rsa92", type=Path)
    parser.add_argument("--network", action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        prepare(given.folder, folder)
        keys = ("human_mean", "human_subjects", "monkey")
        rdms = [f"{folder}/it.npz={key}" for key in keys]
        networks = given.network or ["efficientnet-lite0"]
        made = compare_given_rdms(rdms, str(folder / "pictures"), networks, folder / "out")
        for sentence in sentences(made):
            print(sentence)
        for row, (network, layer) in enumerate(zip(made.network, made.layer, strict=True)):
            print(f"{network:28} {layer:8} " + " ".join(f"{v:.3f}" for v in made.agreement[row]))
        print("ceilings", made.ceiling_low.round(3), made.ceiling_high.round(3))


if __name__ == "__main__":
    main()
