"""docs/deep.md: its Python runs and prints what it shows."""

import pytest
from pages import blocks, read_page
from test_tutorial import check_python

from twophoton_decode.deep.networks.named import known_networks


@pytest.mark.slow
def test_the_page_on_deep_networks_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks(read_page("deep.md")):
        if block.language == "python":
            check_python(block, names)
    assert (tmp_path / "deep/figures/deep_rsa.svg").is_file()


def test_every_listed_network_is_in_its_table():
    page = read_page("deep.md")
    assert [name for name in known_networks() if f"`{name}`" not in page] == []
