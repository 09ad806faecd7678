"""How a posture state looks: a shape, a name and a colour, so that no state is shown by colour alone.

The shapes belong to WGL4, the glyphs that practically every terminal font has. The colours follow the palette of
Okabe and Ito (https://jfly.uni-koeln.de/color/), which stays distinct with colour-blindness; for light backgrounds its
hues are darkened.
"""

from typing import TYPE_CHECKING

from unslouch_device.contract.states import (
    CHARGING,
    LEANING,
    LYING,
    MOVING,
    OFF_BODY,
    RECLINED,
    SLOUCHING,
    STATE_NAMES,
    UNCALIBRATED,
    UNKNOWN,
    UPRIGHT,
)

if TYPE_CHECKING:
    from textual.theme import Theme

LIGHT_FRAME_SHARE = 0.5
"""How far the lines of a light theme are from its background towards its text: about as visible as on a dark one."""
LIGHT_ACCENT_SHARE = 0.35
"""How far the lines around what has the keys are from a light theme's accent towards its text."""

GLYPHS = {
    UNKNOWN: "×",
    CHARGING: "+",
    OFF_BODY: "○",
    UNCALIBRATED: "?",
    LYING: "▬",
    MOVING: "≈",
    SLOUCHING: "▼",
    LEANING: "►",
    RECLINED: "◄",
    UPRIGHT: "●",
}

STATES_SHOWN = (UPRIGHT, LEANING, SLOUCHING, RECLINED, MOVING, LYING, UNCALIBRATED, OFF_BODY, CHARGING, UNKNOWN)
"""All states in the order in which totals list them."""

_DARK = {
    UNKNOWN: "#9a9a9a",
    CHARGING: "#c8b8a0",
    OFF_BODY: "#b0b0b0",
    UNCALIBRATED: "#f0e442",
    LYING: "#cc79a7",
    MOVING: "#6fa8dc",
    SLOUCHING: "#ee6a1f",
    LEANING: "#e69f00",
    RECLINED: "#56b4e9",
    UPRIGHT: "#1fb58a",
}

_LIGHT = {
    UNKNOWN: "#5f5f5f",
    CHARGING: "#6a5a40",
    OFF_BODY: "#616161",
    UNCALIBRATED: "#6e6500",
    LYING: "#99396b",
    MOVING: "#0b4f8a",
    SLOUCHING: "#a63c00",
    LEANING: "#7d5600",
    RECLINED: "#08618f",
    UPRIGHT: "#00694d",
}

_ANSI = {
    UNKNOWN: "ansi_white",
    CHARGING: "ansi_white",
    OFF_BODY: "ansi_white",
    UNCALIBRATED: "ansi_bright_yellow",
    LYING: "ansi_magenta",
    MOVING: "ansi_blue",
    SLOUCHING: "ansi_red",
    LEANING: "ansi_yellow",
    RECLINED: "ansi_cyan",
    UPRIGHT: "ansi_green",
}


def css_name(state: int) -> str:
    """Return the name of a state as CSS allows it."""
    return STATE_NAMES[state].replace(" ", "-")


def css_variables(theme: "Theme") -> dict[str, str]:
    """Return the colours that a theme does not have itself, by the names of their CSS variables.

    `state-upright` and so on are the colours of the states, and `state-ink` is for text on such a colour. `frame` is
    for the lines around boxes, `frame-accent` for those around dialogs and what has the keys, `lifted` for what is
    behind a chosen row.
    """
    colours, ink = (_DARK, "#121212") if theme.dark else (_LIGHT, "#f2f2f2")
    if theme.ansi:
        colours, ink = _ANSI, "ansi_black"
    return {f"state-{css_name(state)}": colour for state, colour in colours.items()} | {
        "state-ink": ink,
        **_line_colours(theme),
    }


def _line_colours(theme: "Theme") -> dict[str, str]:
    """Return the colours of lines and of what is behind a row: lighter than the panel, and on a light theme darker."""
    from textual.color import Color  # what prints plain lines has no use for it

    own = theme.to_color_system().generate()
    if theme.ansi or theme.dark:
        return {"frame": own["panel-lighten-2"], "frame-accent": own["accent"], "lifted": own["panel-lighten-1"]}
    background, text = Color.parse(own["background"]), Color.parse(own["foreground"])
    return {
        "frame": background.blend(text, LIGHT_FRAME_SHARE).hex,
        "frame-accent": Color.parse(own["accent"]).blend(text, LIGHT_ACCENT_SHARE).hex,
        "lifted": own["panel-darken-1"],
    }


def in_state_colour(state: int, text: str) -> str:
    """Return markup that shows a text in the colour of a state."""
    return f"[$state-{css_name(state)}]{text}[/]"
