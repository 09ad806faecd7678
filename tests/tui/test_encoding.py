"""Terminals that show only some characters."""

import sys
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from unslouch.tui.terminal.ascii import to_ascii
from unslouch.tui.terminal.encoding import needs_ascii, shows_all_we_draw, terminal_encoding


@pytest.mark.parametrize(
    ("stdout", "environment", "encoding"),
    [
        ("utf-8", {}, "utf-8"),
        ("utf-8", {"LANG": "en_US.UTF-8"}, "UTF-8"),
        ("utf-8", {"LC_ALL": "C"}, "ascii"),
        ("utf-8", {"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "ascii"),
        ("utf-8", {"LC_ALL": "C", "PYTHONUTF8": "1"}, "utf-8"),
        ("utf-8", {"LC_ALL": "de_DE.ISO-8859-1@euro"}, "ISO-8859-1"),
        ("utf-8", {"LC_ALL": "xx_XX.no-such-thing"}, "utf-8"),
        ("utf-8", {"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, "UTF-8"),
        ("cp437", {"PYTHONIOENCODING": "cp437", "LANG": "en_US.UTF-8"}, "cp437"),
    ],
)
def test_the_encoding_is_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, stdout: str, environment: dict[str, str], encoding: str
) -> None:
    monkeypatch.setattr(sys, "__stdout__", SimpleNamespace(encoding=stdout))
    monkeypatch.setattr(sys, "platform", "linux")
    assert terminal_encoding(environment) == encoding


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-16", "gb18030"])
def test_unicode_shows_the_dashboard_as_it_is(encoding: str) -> None:
    assert shows_all_we_draw(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252", "latin-1", "koi8-r", "shift_jis"])
def test_other_encodings_get_ascii(encoding: str) -> None:
    assert not shows_all_we_draw(encoding)


def test_the_linux_console_gets_ascii_since_its_fonts_have_no_braille() -> None:
    assert needs_ascii({"TERM": "linux", "LANG": "C.UTF-8"})
    assert not needs_ascii({"TERM": "xterm-256color", "LANG": "C.UTF-8"})


@given(st.text())
def test_ascii_takes_as_many_cells_as_what_it_stands_for(text: str) -> None:
    replaced = to_ascii(text)
    assert replaced.isascii()
    assert cell_len(replaced) == cell_len(text)


def test_frames_letters_and_states_keep_about_their_look() -> None:
    assert to_ascii("╭─ Tür ─╮ ● ► ▼ 12° é 日") == "+- Tur -+ @ > V 12' e ??"


def test_dots_of_braille_become_a_character_with_its_ink_at_the_same_height() -> None:
    assert to_ascii("⠉⠒⠤⣀⡇⠿⠂ ⠀") == "'--_||.  "
