"""docs/methods/decoders.md: the example with scikit-learn runs as it stands."""

import numpy as np
from pages import blocks, read_page


def test_the_example_in_scikit_learn_runs():
    [example] = [
        each for each in blocks(read_page("methods/decoders.md")) if each.language == "python"
    ]
    names = {}
    exec(compile(example.text, "decoders.md", "exec"), names)
    assert names["scores"].shape == (5,)
    assert names["scores"].min() > 0.2
    assert names["weights"].shape == (50, 10)
    predicted = names["model"].predict(names["responses"])
    assert np.corrcoef(predicted.ravel(), names["features"][names["image"]].ravel())[0, 1] > 0.5
