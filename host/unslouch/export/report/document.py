"""Document: the HTML around the parts of a report. It loads nothing and runs nothing."""

from importlib.resources import files

from unslouch import __version__

from .html import Markup, element, text

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may do with the file: show its own style, and load nothing from anywhere."""

_LIMITS = (
    f"Made by unslouch {__version__} from the sensor's journal. One sensor on the upper back measures its inclination: "
    "it can't tell slouching from leaning forward, nor see a slouch in a reclined chair.",
    "It is meant for awareness, not for diagnosis or treatment. No action level is given, because no standard gives "
    "one for trunk inclination that we could verify.",
)


def _style() -> str:
    return files(__package__).joinpath("style.css").read_text(encoding="utf-8")


def document(title: str, subtitle: str, head: Markup, parts: list[Markup], *, is_simulated: bool) -> bytes:
    """Return the file. head stands between title and parts; empty parts are left out."""
    demo = element("p", "These are the days of a simulated wearer.", class_="note") if is_simulated else ""
    body = [
        element("header", element("h1", text(title)), element("p", text(subtitle), class_="subtitle"), demo, head),
        element("main", *parts),
        element("footer", *(element("p", text(sentence)) for sentence in _LIMITS)),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{text(_POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(title)}</title><style>{_style()}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    ).encode()
