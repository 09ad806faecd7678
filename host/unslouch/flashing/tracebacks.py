"""Tracebacks from a board, with the names that `unslouch flash` had shortened."""


def with_full_names(traceback: str, firmware_version: str) -> str:
    """Return a traceback with the firmware's own names; unchanged if this host doesn't have the board's firmware."""
    from .compile import firmware_folder
    from .install import firmware_version as version_in
    from .shrink.program import translated

    return translated(traceback) if firmware_version == version_in(firmware_folder()) else traceback
