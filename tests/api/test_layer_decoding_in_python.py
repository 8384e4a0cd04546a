"""Features decoded from Python: results are those of the room, wrong arguments are told."""

import numpy as np
import pytest

import twophoton_decode as tp

RNG = np.random.default_rng(0)
LAYER = RNG.normal(size=(40, 12))
R = LAYER @ RNG.normal(size=(12, 30)) + RNG.normal(size=(40, 30))
FOLD = np.arange(40) % 8


def test_results_are_those_of_the_room():
    from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers

    layer = LAYER.copy()
    layer[:, 3] = 1
    found = tp.layer_decoding.decode(R, {"layer": layer, "flat": np.ones((40, 5))}, FOLD)
    assert list(found) == ["layer"]
    one = found["layer"]
    assert np.isnan(one.unit_r[3])
    assert np.isnan(one.decoded[:, 3]).all()
    made = decode_layers(Population(R), {"layer": layer}, FOLD, np.arange(40))["layer"]
    np.testing.assert_allclose(np.delete(one.decoded, 3, axis=1), made.decoded)
    r = np.corrcoef(made.decoded[:, 0], made.truth[:, 0])[0, 1]
    assert one.unit_r[0] == pytest.approx(r)
    assert one.p == pytest.approx(1 / 1001)
    assert one.wrong_two_way[1] < 0.5 < one.wrong_two_way[2] < one.two_way.mean()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((R[0], {"layer": LAYER}, FOLD), r"R: expected shape \(image, …\), found \(30,\)"),
        ((R, {"layer": LAYER[:9]}, FOLD), r"layer: expected shape \(40, …\)"),
        ((R * np.nan, {"layer": LAYER}, FOLD), "R: 1200 values are NaN"),
        ((R, {"layer": LAYER}, FOLD[:3]), "fold: expected a whole number from 0 on for each of"),
        ((R, {"layer": LAYER}, np.arange(40)), "three images or more in each"),
    ],
)
def test_wrong_arguments_are_told(arguments, message):
    with pytest.raises(tp.errors.ArgumentError, match=message):
        tp.layer_decoding.decode(*arguments)
