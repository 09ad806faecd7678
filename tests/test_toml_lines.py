"""The line of a key, however a TOML file writes it."""

import tomllib

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from unslouch.toml_lines import TomlLines, line_of_error

TEXT = """\
# a comment with [brackets] and key = 1
top = 1
dotted.inner = 2
"quoted key" = 3
list = [
  "first",  # "second" stands below
  "second",
]
text = \"\"\"
[not.a.table]
list = 5
\"\"\"
inline = { a = 1, b = { c = 2 } }

[table]
  list = 4
[table.'sub table'.deep]
x = 1
[[array]]
y = 1
[[array]]
y = 2
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("top",), None, 2),
        (("dotted", "inner"), None, 3),
        (("dotted",), "inner", 3),
        (("quoted key",), None, 4),
        (("list",), None, 5),
        (("list",), '"second",', 7),
        (("list",), "third", 5),
        (("text",), None, 9),
        (("inline", "b", "c"), None, 13),
        (("table",), None, 15),
        (("table", "list"), None, 16),
        (("table", "missing"), None, 15),
        (("table", "sub table", "deep", "x"), None, 18),
        (("array",), None, 19),
        (("array", "y"), None, 20),
        (("missing",), None, None),
        ((), None, None),
    ],
)
def test_the_line_of_a_key_or_of_a_part_of_its_value(
    path: tuple[str, ...], value: str | None, line: int | None
) -> None:
    assert TomlLines(TEXT).line_of(path, value) == line


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb =\n", 2), ("a = [1", None)])
def test_the_line_at_which_a_text_stops_being_toml(text: str, line: int | None) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as error:
        tomllib.loads(text)
    assert line_of_error(error.value) == line


KEYS = st.text("abcü -.#[]={}'", min_size=1, max_size=6)
VALUES = st.recursive(
    st.integers() | st.booleans() | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@settings(max_examples=100)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_key_of_any_file_is_found_on_a_line_that_names_it(content: dict[str, object]) -> None:
    text = tomlkit.dumps(content)
    lines = TomlLines(text)
    for key in content:
        line = lines.line_of((key,))
        assert line is not None
        assert key in text.splitlines()[line - 1]
