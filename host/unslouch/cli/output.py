"""Output: printing data, under the name that some commands still use."""

from .console import emit as put

__all__ = ["put"]
