"""Decides whether the dashboard begins with the first steps."""


def is_first_run() -> bool:
    """Whether this computer knows nothing of the wearer: no recorded day, no paired sensor, no settings file."""
    from unslouch.config.load import config_path
    from unslouch.sensor.paired import sensors_file
    from unslouch.store import default_path

    known = (default_path(simulated=False), default_path(simulated=True), sensors_file(), config_path()[0])
    return not any(path.exists() for path in known)
