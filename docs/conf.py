"""The docs site: `make docs` builds it into dist/docs, and every warning is an error."""

import re
import shutil
import sys
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from unslouch import __version__  # noqa: E402

project = "unslouch"
author = "unslouch contributors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton", "sphinx_design"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
exclude_patterns = ["generated/hardware/enclosure/*.py", "schema"]
html_theme = "furo"
html_title = "unslouch"
html_static_path: list[str] = []
html_extra_path = ["schema"]
copybutton_prompt_text = "$ "
templates_path: list[str] = []
autodoc_typehints = "description"
autodoc_member_order = "bysource"
nitpicky = False
lexers["hex"] = TextLexer()
# Nothing is fetched while the docs are built or read: furo's fonts are the system's, and no CDN is named.
html_theme_options = {"navigation_with_keys": True}


def _generate(app: object) -> None:
    """Write what follows from the code and from hardware/ into docs/generated/, which isn't kept."""
    import reference_pages

    generated = HERE / "generated"
    shutil.rmtree(generated, ignore_errors=True)
    kept = shutil.ignore_patterns("*.py", "__pycache__", "*.toml", "*.yml", "*.sha256", "*.stl", "*.step")
    shutil.copytree(HERE.parent / "hardware", generated / "hardware", ignore=kept)
    reference_pages.write(generated)
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        text = (HERE.parent / name).read_text(encoding="utf-8")
        (generated / name).write_text(re.sub(r"\]\(docs/", "](../", text), encoding="utf-8")


def _relink(app: object, page: str, source: list[str]) -> None:
    """Let links lead to where a file is on the site; what isn't there, such as code, is named without a link."""
    if not page.startswith("generated/"):
        source[0] = re.sub(r"\]\(((?:\.\./)*)\.\./(hardware/|CONTRIBUTING\.md)", r"](\1generated/\2", source[0])
    else:
        source[0] = re.sub(r"\[([^\]]+)\]\((?!http|[^)]*\.(?:md|png|svg|csv))[^)#]+\)", r"`\1`", source[0])


def setup(app: object) -> None:
    """Generate pages before the first is read."""
    app.connect("builder-inited", _generate)  # type: ignore[attr-defined]
    app.connect("source-read", _relink)  # type: ignore[attr-defined]
