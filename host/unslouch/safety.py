"""The safety rules: what everybody who builds or wears a sensor has to know, from safety.toml beside this module.

The dashboard, the commands and the docs all show these rules, so there is one text of each.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("safety.toml")


class Before(StrEnum):
    """What a rule has to be known before."""

    BUILDING = "building"
    WEARING = "wearing"
    EXERCISING = "exercising"


@dataclass(frozen=True)
class SafetyRule:
    """One rule, in one to three plain sentences."""

    id: str
    title: str
    before: Before
    text: str
    source: str = ""
    """The address of the page that a figure comes from; empty for common practice."""


@cache
def safety_rules() -> tuple[SafetyRule, ...]:
    """Return all rules, the most urgent first."""
    return read_safety_rules(PATH)


def clinician_first() -> str:
    """Return when to see a clinician first, as the catalogue shows it, and as it is said when an exercise hurts."""
    return next(rule.text for rule in safety_rules() if rule.id == "clinician")


def read_safety_rules(path: Path) -> tuple[SafetyRule, ...]:
    """Return the rules of a file; raises ValueError, naming the rule, if one is incomplete or an id comes twice."""
    rules: dict[str, SafetyRule] = {}
    for table in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", []):
        id = str(table.get("id", ""))
        try:
            rule = SafetyRule(**{**table, "before": Before(table["before"])})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name}: the rule {id!r} can't be read ({error})") from error
        if not all((rule.id, rule.title, rule.text)) or id in rules:
            raise ValueError(f"{path.name}: the rule {id!r} needs an id of its own, a title and a text")
        rules[id] = rule
    return tuple(rules.values())
