"""Keeps one sensor at work, for every face alike.

A face uses these modules; the others are theirs:

| module | for |
|---|---|
| `recorder` | a sensor at work: link, journal, events, requests |
| `events` | what the recorder publishes |
| `snapshot` | a connection for a few requests, and what a sensor says at one moment |
| `pairing`, `scanning`, `paired` | finding, pairing and forgetting sensors |
| `settings`, `profiles`, `calibration` | rules, sentences and steps of what can be changed on a sensor |
| `quiet`, `quiet_times`, `device_use` | quiet hours and meetings, which snooze the motor |
| `silence` | why the motor would not run now |
| `owner`, `sharing.flush` | which program owns a sensor, and asking it to store everything |
"""
