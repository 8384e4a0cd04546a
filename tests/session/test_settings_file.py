"""A wrong ``session.toml`` is told with line, section, key, value and what may stand there."""

from __future__ import annotations

import os
import typing

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from twophoton_decode.errors import SettingsError
from twophoton_decode.session.settings.file import (
    change_setting,
    read_settings,
    with_changes,
    write_settings,
)
from twophoton_decode.settings import Settings

FLOATS = [
    (section, key)
    for section, field in Settings.model_fields.items()
    for key, each in field.annotation.model_fields.items()
    if each.annotation is float
]


@pytest.fixture
def told(tmp_path):
    """The message about a session.toml that holds `text`, without the path."""

    def tell(text, encoding="utf-8"):
        path = tmp_path / "session.toml"
        path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        with pytest.raises(SettingsError) as caught:
            read_settings(path)
        return str(caught.value).replace(str(path), "session.toml")

    return tell


def test_defaults_are_read_as_they_were_written(tmp_path):
    write_settings(tmp_path / "session.toml", Settings())
    assert read_settings(tmp_path / "session.toml") == Settings()


def test_there_are_floats_to_try():
    assert len(FLOATS) > 12


@pytest.mark.parametrize(("section", "key"), FLOATS)
@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e300", "-1e300"])
def test_no_number_is_infinite_or_absurd(told, section, key, value):
    message = told(f"[{section}]\n{key} = {value}\n")
    assert message.startswith(f"session.toml, line 2, [{section}] {key} = ")
    assert "Expected a number from " in message


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("recording", "frame_rate_hz"), ("extraction", "indicator_decay_s"),
        ("extraction", "threshold_scaling"),
        ("extraction", "cell_probability"), ("extraction", "memory_gb"),
        ("traces", "baseline_window_s"), ("log", "clock_factor"),
        ("responses", "false_discovery_rate"),
    ],
)  # fmt: skip
def test_what_is_divided_by_is_not_next_to_zero(told, section, key):
    assert f"[{section}] {key}" in told(f"[{section}]\n{key} = 1e-300\n")


def test_a_setting_that_was_renamed_is_told_its_new_name(told):
    assert told('[deep]\nautoencoder = "taef2"\n') == (
        "session.toml, line 2, [deep] autoencoder: no such setting. It is now called generator."
    )


def test_a_rate_is_zero_or_a_rate(tmp_path, told):
    (tmp_path / "session.toml").write_text("[recording]\nframe_rate_hz = 0.0\n")
    assert read_settings(tmp_path / "session.toml").recording.frame_rate_hz == 0
    message = told("[recording]\nframe_rate_hz = 0.0001\n")
    assert "expected 0 or 0.001 Hz and more, found 0.0001" in message


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("[0.0, inf]", "= inf cannot be used. Expected two numbers in brackets, each from -3600"),
        ("[nan, 1.0]", "= nan cannot be used"),
        ("[1.0, 0.5]", "must begin at least 0.001 s before it ends, found [1, 0.5]"),
        ("[0.0, 1e-300]", "must begin at least 0.001 s before it ends"),
        ("[0.0]", "two numbers in brackets"),
        ("[0, 1, 2]", "two numbers in brackets"),
        ('["0", "1"]', "two numbers in brackets"),
    ],
)
def test_windows_are_two_finite_numbers_in_order(told, window, words):
    message = told(f"[responses]\nresponse_window_s = {window}\n")
    assert message.startswith("session.toml, line 2, [responses] response_window_s")
    assert words in message
    assert "{" not in message, "the whole section is not repeated"


def test_whole_numbers_have_an_end(told):
    assert "from 2 to 1000000" in told("[decoding]\nfolds = 1000000000000\n")
    assert "from 0 to 4294967295" in told("[decoding]\nseed = 99999999999999999999\n")


def test_every_number_has_both_ends():
    for section, field in Settings.model_fields.items():
        for key, each in field.annotation.model_fields.items():
            if each.annotation in (int, float):
                ends = {name for limit in each.metadata for name in ("ge", "le")
                        if getattr(limit, name, None) is not None}  # fmt: skip
                assert ends == {"ge", "le"}, f"[{section}] {key}"


def test_every_list_has_an_end():
    for section, field in Settings.model_fields.items():
        for key, each in field.annotation.model_fields.items():
            if typing.get_origin(each.annotation) in (list, dict):
                assert any(getattr(m, "max_length", None) for m in each.metadata), (section, key)


def test_texts_have_an_end(told):
    assert "line 2, [subject] mouse" in told(f'[subject]\nmouse = "{"m" * 5000}"\n')


def test_missing_values_may_be_infinite(tmp_path):
    (tmp_path / "session.toml").write_text("[responses]\nmissing_values = [inf, -99.0]\n")
    assert read_settings(tmp_path / "session.toml").responses.missing_values == [float("inf"), -99]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[decoding]\nfolds = "10"\n', ['folds = "10" cannot', "a whole number", "the quotes"]),
        ("[decoding]\nfolds = 10.5\n", ["folds = 10.5 cannot be used", "a whole number from 2"]),
        ("[extraction]\nindicator_decay_s = true\n", ["= true cannot", "a number from 0.01 to 60"]),
        ('[extraction]\nnonrigid = "true"\n', ["true or false", "Leave out the quotes."]),
        ("[subject]\nmouse = 12\n", ["a text in quotes", 'Put it in quotes: mouse = "12".']),
        ('[source]\nmovie = "raw"\n', ["a list in brackets of texts in quotes"]),
        ('[traces]\nsignal = "dfff"\n', ['"dff", "corrected" or "deconvolved"', "mean dff?"]),
        ("[traces]\nneuropil_coefficient = 1.5\n", ['from 0 to 1 or "estimated"']),
        ('[source]\nimage_shape = "31 by 31"\n', ["HEIGHTxWIDTH"]),
        ("[cell_count]\ncompared_counts = [0]\n", ["whole numbers from 1 to 1000000"]),
        ('[responses]\nexclude = "moving"\n', ["lists of texts by name"]),
    ],
)
def test_a_value_of_the_wrong_kind(told, text, words):
    message = told(text)
    assert message.startswith("session.toml, line 2, [")
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[decoding]\nfold = 10\n",
            "line 2, [decoding] fold: no such setting. Did you mean folds?",
        ),
        ("[decodings]\nfolds = 10\n", "line 1, [decodings]: no such section. Did you mean [decod"),
        ("[images]\nfolds = 10\n", "[images] folds: no such setting here. It belongs under [decod"),
        ("[images]\nfrme_rate_hz = 3\n", "Did you mean frame_rate_hz under [recording]?"),
        ("folds = 10\n", "line 1, folds stands outside any section. It belongs under [decod"),
        ("decoding = 10\n", "line 1, [decoding] = 10 cannot be used. Expected a section"),
    ],
)
def test_a_misspelt_name(told, text, words):
    assert words in told(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[decoding]\nfolds = 10\nfolds = 5\n", "line 3 is not valid TOML"),
        ("[decoding]\nfolds = 10\n[decoding]\nseed = 1\n", "line 3 is not valid TOML"),
        ("[decoding]\nfolds = \n", "line 2 is not valid TOML"),
        ("[decoding]\nfolds = 1 0\n", "in folds = 1 0."),
        ("x = " + "[" * 5000, "nested too deeply"),
        ("[decoding]\nfolds = " + "9" * 5000, "a number in it has thousands of digits"),
    ],
)
def test_text_that_is_no_toml(told, text, words):
    assert words in told(text)


def test_a_windows_path_in_double_quotes(told):
    message = told('[source]\nlog = "C:\\data\\shown.csv"\n')
    assert "line 2 is not valid TOML" in message
    assert r"single quotes, 'C:\data\log.csv', or with forward slashes" in message


def test_a_windows_path_whose_backslashes_are_escapes(told):
    message = told(
        '[source]\nlog = "C:\\new\\shown.csv"\n[images]\nsize_px = 32\n'.replace("\\s", "/s")
    )
    assert "line 2, [source] log: 'C:\\new/shown.csv' holds the control character '\\n'" in message
    assert "single quotes, or with forward slashes" in message


@pytest.mark.parametrize("text", ["[source]\nlog = 'C:\\data\\x.csv'\n", '[source]\nlog = "a/b"\n'])
def test_paths_that_are_right(tmp_path, text):
    (tmp_path / "session.toml").write_text(text)
    assert read_settings(tmp_path / "session.toml").source.log in (r"C:\data\x.csv", "a/b")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "session.toml").write_bytes(b"\xef\xbb\xbf[decoding]\nfolds = 7\n")
    assert read_settings(tmp_path / "session.toml").decoding.folds == 7


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings(told, encoding):
    assert "is not in UTF-8" in told('[subject]\nmouse = "Mäuschen"\n', encoding)


def test_a_file_that_is_far_too_large(told):
    assert "too much for a settings file" in told(b"#" * (5 * 2**20))


def test_a_folder_in_its_place(tmp_path):
    (tmp_path / "session.toml").mkdir()
    with pytest.raises(SettingsError, match="is a folder: expected a text file"):
        read_settings(tmp_path / "session.toml")


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "session.toml")
    with pytest.raises(SettingsError, match="is a pipe, socket or device"):
        read_settings(tmp_path / "session.toml")


def test_an_option_is_told_by_its_name():
    with pytest.raises(
        SettingsError, match=r"^--set, \[recording\] first_index = 2 cannot be used"
    ):
        with_changes(Settings(), {"recording.first_index": 2}, "--set")


def test_programs_may_give_tuples():
    changed = with_changes(Settings(), {"source.average": ("time",)}, "import")
    assert changed.source.average == ["time"]
    with pytest.raises(ValidationError):
        Settings.model_validate({"traces": {"baseline_window_s": float("inf")}})
    assert isinstance(Settings.model_fields["run"], FieldInfo)


def test_a_path_that_is_no_utf_8_is_refused_before_it_is_written():
    name = b"caf\xe9.tif".decode("utf-8", "surrogateescape")
    with pytest.raises(SettingsError, match=r"is not UTF-8 text, which session\.toml requires"):
        with_changes(Settings(), {"source.movie": [name]}, "tpdecode init")


def test_a_setting_that_is_true_or_false_is_changed_and_keeps_its_comment(tmp_path):
    path = tmp_path / "session.toml"
    write_settings(path, Settings())
    (before,) = (line for line in path.read_text().splitlines() if line.startswith("nonrigid"))
    change_setting(path, "extraction", "nonrigid", False)
    (after,) = (line for line in path.read_text().splitlines() if line.startswith("nonrigid"))
    assert after == before.replace("true", "false")
    assert "#" in after
    assert read_settings(path).extraction.nonrigid is False


RESPONSES = "[responses]\n# mine\nfalse_discovery_rate = 0.01  # strict\n\n"
EXCLUDE = '[responses.exclude]  # wrong answers\ncorrect = ["0"]\n\n'
TRACES = '[traces]\nsignal = "dff"\n\n'


@pytest.mark.parametrize(
    "text",
    [
        RESPONSES + TRACES + EXCLUDE,
        EXCLUDE + TRACES + RESPONSES,
        RESPONSES + EXCLUDE + TRACES,
        EXCLUDE + TRACES,
        "responses.false_discovery_rate = 0.01  # strict\ntraces.signal = 'dff'\n"
        "responses.exclude.correct = ['0']\n",
        "responses = {false_discovery_rate = 0.01, exclude = {correct = ['0']}}\n",
    ],
    ids=["apart", "apart-first", "together", "no-header", "dotted", "inline"],
)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("false_discovery_rate", 0.02),
        ("response_window_s", (0.1, 0.4)),
        ("exclude", {"moving": ["1"]}),
    ],
)
def test_a_section_in_several_parts_is_changed_where_the_setting_stands(tmp_path, text, key, value):
    path = tmp_path / "session.toml"
    path.write_text(text)
    expected = read_settings(path).model_dump()
    expected["responses"][key] = value
    change_setting(path, "responses", key, value)
    assert read_settings(path).model_dump() == expected
    comments = {line.partition("#")[2] for line in path.read_text().splitlines()}
    assert comments == {line.partition("#")[2] for line in text.splitlines()}


@pytest.mark.parametrize("text", ["responses = 3\n", "[[responses]]\n"])
def test_a_section_that_is_none_is_refused_not_replaced(tmp_path, text):
    path = tmp_path / "session.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"Expected a section: a line \[responses\]"):
        change_setting(path, "responses", "false_discovery_rate", 0.02)
    assert path.read_text() == text
