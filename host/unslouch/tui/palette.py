"""How a posture state looks: a shape, a name and a colour, so that no state is shown by colour alone.

The shapes belong to WGL4, the glyphs that practically every terminal font has. The colours follow the palette of
Okabe and Ito (https://jfly.uni-koeln.de/color/), which stays distinct with colour-blindness; for light backgrounds its
hues are darkened.
"""

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


def css_variables(dark: bool, is_terminals: bool = False) -> dict[str, str]:
    """Return the colour of each state by the name of its CSS variable: `state-upright` and so on.

    is_terminals: take the terminal's own palette. `state-ink` is for text on such a colour.
    """
    colours, ink = (_DARK, "#121212") if dark else (_LIGHT, "#f2f2f2")
    if is_terminals:
        colours, ink = _ANSI, "ansi_black"
    return {f"state-{css_name(state)}": colour for state, colour in colours.items()} | {"state-ink": ink}


def in_state_colour(state: int, text: str) -> str:
    """Return markup that shows a text in the colour of a state."""
    return f"[$state-{css_name(state)}]{text}[/]"
