"""Paths: where the databases are if no path is given."""

from pathlib import Path


def default_path(simulated: bool) -> Path:
    """Return the path of the wearer's database, or of the one that is kept apart for simulated wearers."""
    from platformdirs import user_data_dir

    return Path(user_data_dir("unslouch", appauthor=False)) / ("simulated.db" if simulated else "posture.db")
