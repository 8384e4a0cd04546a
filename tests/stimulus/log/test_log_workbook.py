import datetime
import zipfile

import openpyxl
import pytest

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log
from twophoton_decode.stimulus.tables import workbook

NAMES = ["owl.png", "fox.png"]


def write(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def read(path, **settings):
    return read_log(path, NAMES, frame_rate_hz=10.0, settings=LogSettings(**settings))


LOG = [["image", "onset_s", "moving"], ["fox.png", 1.5, True], ["owl.png", 3, False]]


def test_a_sheet_is_read_with_its_rows_and_columns(tmp_path):
    path = write(tmp_path / "log.xlsx", notes=[["mouse", "m12"]], log=[["day 1"], [], *LOG])
    log = read(path)
    assert log.image.tolist() == [1, 0]
    assert log.onset_s.tolist() == [1.5, 3.0]
    assert log.columns == {"moving": ["True", "False"]}
    assert log.log_line.tolist() == [4, 5]
    assert log.notes[1:] == (
        "The log is the sheet log.",
        "1 rows above the log's header are skipped.",
    )


def test_the_file_is_known_by_what_it_holds(tmp_path):
    write(tmp_path / "log.xlsx", log=LOG)
    path = (tmp_path / "log.xlsx").rename(tmp_path / "log.csv")
    assert read(path).onset_s.tolist() == [1.5, 3.0]


def test_times_of_excel_are_times(tmp_path):
    stamps = [datetime.datetime(2026, 3, 5, 14, 2, 12, 500000), datetime.time(14, 2, 20)]
    for stamp, start in zip(stamps, ("2026-03-05T14:02:11", "14:02:11"), strict=True):
        path = write(tmp_path / "log.xlsx", log=[["image", "time"], ["owl", stamp]])
        expected = 1.5 if isinstance(stamp, datetime.datetime) else 9.0
        assert read(path, movie_start=start).onset_s.tolist() == pytest.approx([expected])


def test_several_sheets_that_could_be_the_log_ask(tmp_path):
    path = write(tmp_path / "log.xlsx", day1=LOG, day2=[LOG[0], ["fox", 9]])
    with pytest.raises(StimulusLogError, match="sheets day1, day2 could all be the log"):
        read(path)
    assert read(path, table="day2").onset_s.tolist() == [9.0]
    path = write(tmp_path / "log.xlsx", a=[["x", "y"], [1, 2]], b=[["z"]])
    with pytest.raises(StimulusLogError, match=r"with the columns .* found a \(x, y\); b \(z\)"):
        read(path)


def test_a_size_that_a_sheet_claims_costs_nothing(tmp_path):
    path = write(tmp_path / "log.xlsx", log=LOG)
    claimed = tmp_path / "claimed.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(claimed, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            content = content.replace(b'ref="A1:C3"', b'ref="A1:XFD1048576"')
            new.writestr(entry.filename, content)
    assert b"XFD1048576" in zipfile.ZipFile(claimed).read("xl/worksheets/sheet1.xml")
    assert read(claimed).onset_s.tolist() == [1.5, 3.0]


@pytest.mark.parametrize(("old", "new"), [(b'r="3"', b'r="99999999"'), (b'"C2"', b'"XFD2"')])
def test_rows_and_columns_beyond_any_log_are_refused(tmp_path, old, new):
    path, far = write(tmp_path / "log.xlsx", log=LOG), tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(far, "w") as target:
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry).replace(old, new))
    with pytest.raises(StimulusLogError, match="are too many for a stimulus log"):
        read(far)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "_LARGEST_BYTES", 2**22)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 2**23)
    assert path.stat().st_size < 2**20
    with pytest.raises(StimulusLogError, match="unpacks to 8 MB"):
        read(path)


@pytest.mark.parametrize("keep", [100, 2000, 4000])
def test_a_damaged_workbook_is_refused(tmp_path, keep):
    path = write(tmp_path / "log.xlsx", log=LOG)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StimulusLogError, match=r"\.xlsx workbook"):
        read(path)


def test_a_zip_archive_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "log.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("shown.csv", "image,onset_s\nowl,1\n")
    with pytest.raises(StimulusLogError, match=r"cannot be read as an \.xlsx workbook"):
        read(path)
