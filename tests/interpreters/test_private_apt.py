"""Packages are fetched from the machine's own sources, and of those from the distribution's alone."""

from pathlib import Path

import pytest

import private_apt

STANZAS = """\
# the distribution
Types: deb deb-src
URIs: mirror:/somewhere
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: mirror:/somewhere-else
Suites: bookworm-security
Components: main
"""
SOMEBODY_ELSES = """\
Types: deb
URIs: mirror:/third-party
Suites: bookworm
Components: stable
"""
LINES = """\
# deb mirror:/commented-out bookworm main
deb [signed-by=/usr/share/keyrings/some.gpg] mirror:/somewhere bookworm main contrib
deb mirror:/somewhere bookworm-updates main
deb-src mirror:/somewhere bookworm main
deb mirror:/third-party bookworm stable
"""


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(private_apt, "SOURCES", tmp_path)
    monkeypatch.setattr(private_apt, "described", lambda: {"VERSION_CODENAME": "bookworm"})
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_stanzas_of_the_distribution_are_asked_for_the_other_release(apt: Path) -> None:
    (apt / "sources.list.d" / "debian.sources").write_text(STANZAS)
    (apt / "sources.list.d" / "other.sources").write_text(SOMEBODY_ELSES)
    kept = private_apt.sources("trixie")["sources"]
    assert "Suites: trixie\n" in kept
    assert "Signed-By:" in kept
    assert "bookworm" not in kept
    assert "third-party" not in kept


def test_one_line_sources_of_the_distribution_are_asked_for_the_other_release(apt: Path) -> None:
    (apt / "sources.list").write_text(LINES)
    kept = private_apt.sources("trixie")["list"]
    assert kept == "deb [signed-by=/usr/share/keyrings/some.gpg] mirror:/somewhere trixie main contrib\n"


def test_a_machine_without_sources_of_its_release_says_so(apt: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no apt source names bookworm"):
        private_apt.sources("trixie")
