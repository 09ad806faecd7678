"""Records to a day: decoding, dating, spans and summaries."""
