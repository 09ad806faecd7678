"""Numbers in sentences."""


def counted(number: int, noun: str, many: str = "") -> str:
    """Return a number and its noun, such as "1 record" or "2,000 records"; many: the plural, if not with an s."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"
