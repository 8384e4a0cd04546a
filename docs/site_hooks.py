"""What the site shows from outside docs/: the changelog, the sample data, benchmark results.

Links to these files are written as they must be for readers of the repository; here they are
turned to the pages of the site.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = {
    "CHANGELOG.md": "changelog.md",
    "sample_data/README.md": "sample_data.md",
    **{
        f"benchmarks/results/{path.name}": f"benchmarks/{path.name}"
        for path in sorted((ROOT / "benchmarks" / "results").glob("*.md"))
    },
}
_LINK = re.compile(r"(?<=\]\()((?:\.\./)+[^)#\s]+)")


def on_files(files, config):
    """Add the pages that come from outside."""
    for source, page in OUTSIDE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown, page, **_):
    """Turn links that leave docs/ to the pages that stand for them."""
    inside = {page_of: source for source, page_of in OUTSIDE.items()}
    here = inside.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    folder = posixpath.dirname(here)

    def turned(link):
        target = posixpath.normpath(posixpath.join(folder, link[1]))
        found = OUTSIDE.get(target, target.removeprefix("docs/"))
        return posixpath.relpath(found, posixpath.dirname(page.file.src_uri) or ".")

    return _LINK.sub(turned, markdown)
