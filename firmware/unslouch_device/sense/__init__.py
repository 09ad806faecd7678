"""From raw counts to posture: pure integer logic, nothing allocated per sample, time counted in samples."""
