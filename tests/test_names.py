"""Names are the same to the computer if they are the same to a reader."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unslouch.names import composed, is_same_name, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rücken", "Ru\u0308cken"),
        ("RÜCKEN", "ru\u0308cken"),
        (" Rücken ", "Rücken"),
        ("Straße", "STRASSE"),
        ("\u1e9b\u0323", "\u1e9b\u0323"),
        ("Å", "\u212b"),  # the sign of the ångström
        ("\u0345\u0301α", "\u0301\u0345α"),  # casefolding alone leaves these in different orders
    ],
)
def test_case_and_encoding_of_accents_make_no_other_name(one: str, other: str) -> None:
    assert is_same_name(one, other)


@pytest.mark.parametrize(("one", "other"), [("Rücken", "Rucken"), ("back", "back 2"), ("sofa", "")])
def test_other_letters_make_another_name(one: str, other: str) -> None:
    assert not is_same_name(one, other)


def test_a_name_is_stored_composed_and_without_spaces_around_it() -> None:
    assert composed(" Ru\u0308cken ") == "Rücken"


@given(st.text())
def test_every_form_of_a_name_has_one_key(name: str) -> None:
    for form in ("NFC", "NFD"):
        assert name_key(unicodedata.normalize(form, name)) == name_key(name)
