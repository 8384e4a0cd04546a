"""Reference numbers of rsatoolbox for tests/deep/reference_rsa.npz.

In an environment of its own: pip install rsatoolbox==0.3.2, then
python tests/deep/reference_rsa.py tests/deep/reference_rsa.npz
"""

import sys

import numpy as np
from rsatoolbox.data import Dataset
from rsatoolbox.inference import boot_noise_ceiling
from rsatoolbox.rdm import RDMs, calc_rdm, compare
from rsatoolbox.util.inference_util import _dual_bootstrap

IMAGES, REPEATS, CELLS = 12, 4, 20


def main(path):
    rng = np.random.default_rng(7)
    signal = rng.normal(size=(IMAGES, CELLS))
    R = np.concatenate([signal + rng.normal(size=signal.shape) for _ in range(REPEATS)])
    image = np.tile(np.arange(IMAGES), REPEATS)
    repeat = np.repeat(np.arange(REPEATS), IMAGES)
    data = Dataset(R, obs_descriptors={"image": image, "repeat": repeat})
    crossnobis = calc_rdm(data, "crossnobis", "image", cv_descriptor="repeat")
    correlation = calc_rdm(data, "correlation", "image")
    others = rng.normal(size=(3, CELLS, CELLS))
    mixed = [Dataset(R @ A, obs_descriptors={"image": image, "repeat": repeat}) for A in others]
    several = np.concatenate(
        [calc_rdm(d, "crossnobis", "image", cv_descriptor="repeat").dissimilarities for d in mixed]
    )
    tied = np.round(several)
    variances = rng.random((3, 5))
    found = {
        "R": R, "image": image, "repeat": repeat,
        "crossnobis": crossnobis.dissimilarities[0],
        "correlation": correlation.dissimilarities[0],
        "several": several, "tied": tied,
        "variances": variances, "dual_variance": _dual_bootstrap(variances, 4, 12),
    }  # fmt: skip
    for name, method in (("spearman", "spearman"), ("whitened", "cosine_cov")):
        found[name] = compare(RDMs(several), RDMs(correlation.dissimilarities), method)
        found[f"{name}_tied"] = compare(RDMs(tied), RDMs(several), method)
        found[f"{name}_ceiling"] = boot_noise_ceiling(RDMs(several), method)
    np.savez(path, **found)


if __name__ == "__main__":
    main(sys.argv[1])
