import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log

NAMES = ["owl.png", "fox.png"]


def read(
    tmp_path, header, rows=(("owl", "1000"), ("fox", "2500")), frame_rate_hz=100.0, **settings
):
    path = tmp_path / "shown.csv"
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n")
    return read_log(path, NAMES, frame_rate_hz=frame_rate_hz, settings=LogSettings(**settings))


SECONDS, MILLI, MICRO = [1000.0, 2500.0], [1.0, 2.5], [0.001, 0.0025]
HEADERS = {
    "image,onset_s": SECONDS,
    "Image,Onset_s": SECONDS,
    "IMAGE,ONSET_MS": MILLI,
    "stimulus,onset": SECONDS,
    "stim,start": SECONDS,
    "picture,time": SECONDS,
    "file,time_s": SECONDS,
    "filename,t": SECONDS,
    "image_file,time_ms": MILLI,
    "imageFile,stimOnset (ms)": MILLI,
    "Stimulus Name,Onset Time [s]": SECONDS,
    "img_path,onset (µs)": MICRO,
    "image_id,start_frame": [10.0, 25.0],
    "image,onset_frame": [10.0, 25.0],
    "image,Timestamp": SECONDS,
    "imageFile,image.started": SECONDS,
    "image,trial_2.started": SECONDS,
}


@pytest.mark.parametrize(("header", "onset"), HEADERS.items(), ids=HEADERS.keys())
def test_columns_are_found_by_the_names_people_give_them(tmp_path, header, onset):
    log = read(tmp_path, header)
    assert log.image.tolist() == [0, 1]
    assert log.onset_s.tolist() == pytest.approx(onset)
    image, column = header.split(",")
    assert f"picture from column {image}, onset from column {column} (" in log.notes[0]


def test_a_unit_that_nothing_says_is_said_to_be_taken(tmp_path):
    assert read(tmp_path, "image,time").notes == (
        "Log: picture from column image, onset from column time (taken as s).",
    )
    assert read(tmp_path, "image,time", onset_unit="ms").onset_s.tolist() == MILLI


def test_the_column_that_says_it_best_is_taken(tmp_path):
    rows = (("owl", "1", "9", "a"), ("fox", "2", "8", "b"))
    log = read(tmp_path, "stim,onset,time,file_size", rows)
    assert log.onset_s.tolist() == [1.0, 2.0]
    assert log.columns == {"time": ["9", "8"], "file_size": ["a", "b"]}
    log = read(tmp_path, "image,image.started,fixation.started,stimulus", rows)
    assert log.onset_s.tolist() == [1.0, 2.0]


def test_several_columns_that_could_be_meant_are_listed(tmp_path):
    rows = (("owl", "fox", "1", "2"), ("fox", "owl", "3", "4"))
    header = "stimulus,filename,start,image_start"
    with pytest.raises(StimulusLogError, match="pictures could be in any of stimulus, filename"):
        read(tmp_path, header, rows)
    with pytest.raises(StimulusLogError, match="onsets could be in any of start, image_start"):
        read(tmp_path, header, rows, image_column="filename")
    log = read(tmp_path, header, rows, image_column="FILENAME", onset_column="image_start")
    assert (log.image.tolist(), log.onset_s.tolist()) == ([1, 0], [2.0, 4.0])


def test_several_components_of_psychopy_ask(tmp_path):
    rows = (("owl", "1", "2"), ("fox", "3", "4"))
    with pytest.raises(StimulusLogError, match=r"any of pic_1\.started, cue\.started"):
        read(tmp_path, "image,pic_1.started,cue.started", rows)


def test_a_column_of_any_name_can_be_named(tmp_path):
    log = read(
        tmp_path, "Code,Uhrzeit", image_column="Code", onset_column="Uhrzeit", onset_unit="ms"
    )
    assert log.onset_s.tolist() == MILLI
    with pytest.raises(
        SettingsError, match="image_column names the column 'code_', but the columns"
    ):
        read(tmp_path, "Code,onset", image_column="code_")


def test_durations_have_the_unit_of_their_name_or_of_the_onsets(tmp_path):
    rows = (("owl", "1000", "500"), ("fox", "2500", ""))
    assert read(tmp_path, "image,onset_ms,duration", rows).duration_s[0] == 0.5
    assert read(tmp_path, "image,onset_ms,duration_s", rows).duration_s[0] == 500.0
    assert read(tmp_path, "image,onset_ms,Duration (s)", rows).duration_s[0] == 500.0
    assert read(tmp_path, "image,onset_frame,duration", rows).duration_s[0] == 5.0


def test_columns_that_only_resemble_are_carried_along(tmp_path):
    rows = (("owl", "1", "7", "8", "9"), ("fox", "2", "7", "8", "9"))
    log = read(tmp_path, "image,onset_s,reward_onset,frame,frameRate", rows)
    assert list(log.columns) == ["reward_onset", "frame", "frameRate"]
