"""The sentence for a search that found no sensor at all."""

NO_SENSOR = (
    "No sensor was found; plug one in, pair one with `unslouch pair`, name its port with --sensor, or try a simulated "
    "one with `unslouch --demo`."
)
