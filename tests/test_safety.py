"""The safety rules that the first run and the docs show."""

import re
from pathlib import Path

import pytest

from unslouch.safety import clinician_first, read_safety_rules, safety_rules

SEE_A_CLINICIAN = re.compile(r"See a clinician[^.]{20,}\.")
RULE = '[[rule]]\nid = "{id}"\ntitle = "{title}"\nbefore = "{before}"\ntext = "Keep it dry."\n'


def test_the_rules_cover_what_can_hurt_somebody() -> None:
    assert {"implants", "clinician", "not-medical", "pressure", "battery", "motor", "cleaning"} <= {
        rule.id for rule in safety_rules()
    }


@pytest.mark.parametrize(
    ("id", "fact"),
    [
        ("implants", "no magnet mount"),
        ("implants", "15 cm"),
        ("clinician", "recent fracture or surgery"),
        ("clinician", "persistent pain"),
        ("pressure", "foam roll"),
        ("battery", "LiPo"),
        ("not-medical", "treats nothing"),
    ],
)
def test_a_rule_names_its_fact(id: str, fact: str) -> None:
    (rule,) = [rule for rule in safety_rules() if rule.id == id]
    assert fact in rule.text


def test_a_rule_reads_once_where_its_text_follows_its_title() -> None:
    for rule in safety_rules():
        assert not rule.text.startswith(rule.title), rule.id


def test_when_to_see_a_clinician_has_one_wording() -> None:
    root = Path(__file__).parents[1]
    pages = [path for folder in ("docs", "hardware", "host") for path in sorted((root / folder).rglob("*.*"))]
    pages = [path for path in pages if path.suffix in (".md", ".toml", ".py") and "generated" not in path.parts]
    sentences = {
        " ".join(sentence.split()) for page in pages for sentence in SEE_A_CLINICIAN.findall(page.read_text("utf-8"))
    }
    assert sentences == {clinician_first()}


def test_a_rule_with_a_figure_from_elsewhere_names_its_source() -> None:
    assert all(rule.source.startswith("https://") for rule in safety_rules() if "15 cm" in rule.text)


@pytest.mark.parametrize(
    "content",
    [
        RULE.format(id="dry", title="", before="wearing"),
        RULE.format(id="dry", title="Dry", before="sleeping"),
        RULE.format(id="dry", title="Dry", before="wearing") * 2,
        RULE.format(id="dry", title="Dry", before="wearing") + "loud = true\n",
    ],
    ids=["no title", "unknown time", "twice", "unknown key"],
)
def test_a_damaged_file_is_refused_with_the_rule_at_fault(tmp_path: Path, content: str) -> None:
    path = tmp_path / "safety.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"safety\.toml: the rule 'dry'"):
        read_safety_rules(path)
