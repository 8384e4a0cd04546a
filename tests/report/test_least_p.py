"""The least p of each decoder, and who cannot pass the correction."""

from twophoton_decode.report.least_p import least_p


def of(**permutations):
    return {name: {"permutations": times} for name, times in permutations.items()}


def test_each_decoder_has_its_own_least_p():
    told = least_p(of(ridge=1000, lasso=40, bayes=40))
    assert told == (
        "“≤ 1/1001” is the least that 1000 permutations can give (ridge); "
        "“≤ 1/41” is the least that 40 permutations can give (lasso, bayes)."
    )  # 2/41 = 0.049 after Holm: still within reach


def test_who_cannot_pass_holm_is_named_with_the_least_p_and_the_setting():
    told = least_p(of(ridge=1000, lasso=40, bayes=40, mixture=40))
    assert "over 4 decoders the least possible p is above 0.05 for" in told
    assert "lasso (0.073), bayes (0.073), mixture (0.073): no score could pass" in told  # 3/41
    assert "refits under [decoding] in session.toml" in told


def test_nothing_is_said_without_permutations():
    assert least_p({"ridge": {"permutations": None}, "bayes": {}}) == ""
