"""Numbers in messages have the form that figures and the page give them."""

from twophoton_decode.words import in_percent, true_minus


def test_per_cent_stands_after_a_space_with_a_minus_sign():
    assert in_percent(0.192, 1) == "19.2 %"
    assert in_percent(0.05) == "5 %"
    assert in_percent(-0.0312, 2) == "−3.12 %"
    assert true_minus("-0.0041") == "−0.0041"
