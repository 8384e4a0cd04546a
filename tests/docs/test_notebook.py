"""docs/notebook.md and docs/read_records.md: every line of Python runs and prints what it shows."""

import pytest
from pages import blocks, read_page
from test_tutorial import check_python


def python_of(page):
    return [block for block in blocks(read_page(page)) if block.language == "python"]


@pytest.mark.slow
def test_the_notebook_and_the_page_on_records_do_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in python_of("notebook.md"):
        check_python(block, names)
    assert (tmp_path / "strong_cells.pdf").stat().st_size > 1000
    for block in python_of("read_records.md"):
        check_python(block, {})


@pytest.mark.parametrize("page", ["notebook.md", "read_records.md", "tutorial.md"])
def test_examples_use_the_front_door_alone(page):
    text = read_page(page)
    assert "import twophoton_decode as tp" in text
    assert "from twophoton_decode" not in text
    assert "import twophoton_decode." not in text
