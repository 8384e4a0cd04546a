import time

import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log

NAMES = ["owl.png", "fox.png", "élan.png"]
PLAIN = "image,onset_s\nowl.png,1.25\nélan.png,2.5\nfox.png,4\n"


def read(tmp_path, content, **options):
    path = tmp_path / "shown.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_log(path, NAMES, **{"frame_rate_hz": 10.0} | options)


WAYS = {
    "UTF-8 with BOM": PLAIN.encode("utf-8-sig"),
    "UTF-16, Excel's Unicode text": PLAIN.replace(",", "\t").encode("utf-16"),
    "UTF-16 without BOM": PLAIN.encode("utf-16-le"),
    "UTF-16 of other machines": PLAIN.encode("utf-16-be"),
    "Windows-1252": PLAIN.encode("cp1252"),
    "old Macintosh line ends": PLAIN.replace("\n", "\r"),
    "tabs": PLAIN.replace(",", "\t"),
    "bars": PLAIN.replace(",", "|"),
    "semicolons and decimal commas": PLAIN.replace(",", ";")
    .replace(".2", ",2")
    .replace("2.5", "2,5"),
    "quoted decimal commas": PLAIN.replace("1.25", '"1,25"').replace("2.5", '"2,5"'),
    "sep= line": "sep=|\n" + PLAIN.replace(",", "|"),
    "quoted sep= line": '"sep=;"\r\n' + PLAIN.replace(",", ";"),
    "comments": "# mouse 12\n% MATLAB\n\n// monitor, left\n" + PLAIN,
    "header as a comment, as numpy writes it": "# " + PLAIN,
    "lines above the header": "Scenario - owls\nLogfile written - 2026\n\n" + PLAIN,
    "trailing separators": PLAIN.replace("\n", ",,\n"),
    "trailing separators below the header": PLAIN.replace("5\n", "5,\n"),
    "rows of separators": PLAIN.replace("fox", ",\n,,,\nfox"),
    "spaces around": PLAIN.replace(",", " , "),
    "index column of pandas": ",image,onset_s\n0,owl,1.25\n1,élan,2.5\n2,fox,4\n",
}


@pytest.mark.parametrize("content", WAYS.values(), ids=WAYS.keys())
def test_the_same_log_as_programs_and_people_write_it(tmp_path, content):
    log = read(tmp_path, content)
    assert log.image.tolist() == [0, 2, 1]
    assert log.onset_s.tolist() == [1.25, 2.5, 4.0]


def test_a_guess_at_the_encoding_is_said(tmp_path):
    assert "read as Windows-1252" in " ".join(read(tmp_path, PLAIN.encode("cp1252")).notes)
    assert "1252" not in " ".join(read(tmp_path, PLAIN).notes)


def test_what_is_passed_over_is_counted_with_its_line(tmp_path):
    log = read(tmp_path, "a\nb\nimage,onset_s\nowl,1\n# pause\nfox,2\n#fox,3\n")
    assert log.log_line.tolist() == [4, 6]
    assert log.notes[1:] == (
        "2 comment lines among the log's rows are skipped, from line 5 on.",
        "2 lines above the log's header are skipped.",
    )
    assert len(read(tmp_path, "# mouse\n" + PLAIN).notes) == 1


BAD = {
    "unquoted decimal comma": (
        "image,onset_s\nowl,1,25\n",
        "line 2: expected 2 values like the header, found 3. A value that holds the separator",
    ),
    "short row": ("image,onset_s,x\nowl,1\n", "line 2: expected 3 values like the header, found 2"),
    "open quote": ('image,onset_s\n"owl,1\nfox,2\n', "cannot be read as text with columns"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel file. Save it as .xlsx or CSV"),
    "zeros": (b"image,onset_s\nowl\0,1\n", "holds zero bytes"),
    "no Windows text": (b"\x81\x8d image", "in UTF-8, UTF-16 or Windows-1252"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_no_table_is_refused(tmp_path, content, message):
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, content)
    assert message in str(caught.value)


def test_a_table_cannot_be_chosen_in_a_text(tmp_path):
    with pytest.raises(SettingsError, match=r"table = 'day2' under .* shown\.csv is text"):
        read(tmp_path, PLAIN, settings=LogSettings(table="day2"))


def test_a_long_log_is_read_in_a_moment(tmp_path):
    names = [f"pic_{k}.png" for k in range(5000)]
    rows = "".join(f"PICS/Pic_{k % 5000}.PNG,{k}\n" for k in range(50_000))
    (tmp_path / "shown.csv").write_text("image,onset_s\n" + rows)
    start = time.perf_counter()
    log = read_log(tmp_path / "shown.csv", names, frame_rate_hz=10.0)
    assert log.image.tolist() == [k % 5000 for k in range(50_000)]
    assert time.perf_counter() - start < 30
