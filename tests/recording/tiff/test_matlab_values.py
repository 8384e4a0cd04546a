import pytest

from twophoton_decode.recording.tiff.scanimage.lines import assignments, matlab_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30.0053", 30.0053),
        (" -1e-3 ", -0.001),
        ("true", True),
        ("false", False),
        ("'resonant'", "resonant"),
        ("[1;2]", (1.0, 2.0)),
        ("[1 2;3 4]", (1.0, 2.0, 3.0, 4.0)),
        ("[3.43 ]", (3.43,)),
        ("[]", ()),
        ("Inf", float("inf")),
        ("{1, 2}", None),
        ("<nonscalar struct/object>", None),
        ("[1;", None),
        ("[one two]", None),
        ("__import__('os').getcwd()", None),
        ("", None),
    ],
)
def test_only_plain_values_are_read(text, value):
    assert matlab_value(text) == value


def test_lines_of_any_system_are_assignments():
    text = "SI.a = 1\r\nSI.b.c = [1 2]\rother.a = 3\nnot SI.d = 4"
    assert assignments(text, r"SI\.") == {"a": "1", "b.c": "[1 2]"}
