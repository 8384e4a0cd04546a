import pytest

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.stimulus.log import read_log

NAMES = ["owl.png", "fox.png"]


def read(tmp_path, *onsets, separator=";", quote=""):
    rows = [f"{NAMES[i % 2]}{separator}{quote}{each}{quote}" for i, each in enumerate(onsets)]
    path = tmp_path / "shown.csv"
    path.write_text("\n".join([f"image{separator}onset_s", *rows]) + "\n")
    return read_log(path, NAMES, frame_rate_hz=10.0)


def test_decimal_commas_are_read(tmp_path):
    assert read(tmp_path, "0,125", "1,5", "1e1").onset_s.tolist() == [0.125, 1.5, 10.0]
    assert read(tmp_path, "4,125", "5,500", "7,000").onset_s.tolist() == [4.125, 5.5, 7.0]
    assert read(tmp_path, "4,12", "5", separator="\t").onset_s.tolist() == [4.12, 5.0]


@pytest.mark.parametrize(
    ("onsets", "message"),
    [
        (
            ("1,234.5", "1,236.5"),
            "line 2: '1,234.5' in column onset_s: write numbers without thous",
        ),
        (("1,234,567", "2"), "without thousands separators"),
        (("1,5", "2.5"), "line 3: '2.5' in column onset_s"),
        (("1,234", "2000"), "line 2: '1,234' in column onset_s may be 1.234 or 1234. Write"),
    ],
)
def test_commas_that_may_group_thousands_are_refused(tmp_path, onsets, message):
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, *onsets)
    assert message in str(caught.value)


def test_three_digits_after_a_comma_are_no_decimals_where_commas_separate(tmp_path):
    with pytest.raises(StimulusLogError, match=r"may be 1\.234 or 1234"):
        read(tmp_path, "1,234", "1,236", separator=",", quote='"')
    onsets = read(tmp_path, "1,2345", "1,236", separator=",", quote='"').onset_s
    assert onsets.tolist() == [1.2345, 1.236]


@pytest.mark.parametrize("text", ["'1.5", "1_000", "0x10", "inf", "1e999", "1.5 s", "٣"])
def test_what_is_no_plain_number_is_refused_with_its_line(tmp_path, text):
    with pytest.raises(
        StimulusLogError, match="line 3: expected a number in column onset_s, found"
    ):
        read(tmp_path, "1", text)


@pytest.mark.parametrize("text", ["NaN", "", "n/a", "None"])
def test_a_picture_without_an_onset_is_left_out_with_its_line(tmp_path, text):
    log = read(tmp_path, "1", text, "3")
    assert log.onset_s.tolist() == [1.0, 3.0]
    assert log.left_out_line.tolist() == [3]
    assert log.left_out_reason.tolist() == ["no onset"]
