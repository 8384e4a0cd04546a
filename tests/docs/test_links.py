"""Links in the documentation lead somewhere, and no page knows this machine."""

import re
import subprocess

import pytest
from conftest import ROOT

LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
MACHINE = re.compile(r"/(?:home|work|root|Users|tmp|mnt)/\w|[A-Z]:\\Users")


def _pages():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    names = listed.stdout.split() or [str(p.relative_to(ROOT)) for p in _outside_git()]
    return sorted(name for name in names if (ROOT / name).is_file())


def _outside_git():
    """A checkout without git, such as an unpacked archive."""
    folders = ("docs", "sample_data", "benchmarks")
    return [*ROOT.glob("*.md"), *(p for folder in folders for p in (ROOT / folder).rglob("*.md"))]


def _without_code(text):
    return re.sub(r"```.*?```", "", text, flags=re.S)


def _anchor(heading):
    """The anchor of a heading as repository hosts make it."""
    text = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
    return text.replace(" ", "-")


def _anchors(path):
    text = _without_code(path.read_text(encoding="utf-8"))
    return {_anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, flags=re.M)}


PAGES = _pages()


def test_the_pages_that_must_exist_do():
    needed = {"README.md", "CHANGELOG.md", "sample_data/README.md"}
    needed |= {f"docs/{n}.md" for n in ("index", "tutorial", "concepts", "commands", "extending")}
    assert needed <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_resolve(page):
    text = _without_code((ROOT / page).read_text(encoding="utf-8"))
    broken = []
    for target in LINK.findall(text):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_folder_of_a_machine(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert MACHINE.findall(text) == []


def test_every_page_of_the_documentation_can_be_reached_from_the_index():
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / t.partition("#")[0]).resolve() for t in LINK.findall(index)}
    pages = {path.resolve() for path in (ROOT / "docs").rglob("*.md")}
    assert pages - linked - {(ROOT / "docs/index.md").resolve()} == set()


def test_the_picture_of_the_readme_is_small():
    assert (ROOT / "docs/images/demo.png").stat().st_size < 300_000
