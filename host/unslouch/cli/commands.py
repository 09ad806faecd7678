"""The table of commands: the name of each, and its line in `unslouch --help`, in that order.

The module of a command has its name (`unslouch.cli.record` for `unslouch record`, `bring_up` for `bring-up`) and is
imported when the command is chosen, so that `unslouch --help` costs no more than this table. Each such module has

- `add_arguments(parser)`, which adds the command's own arguments, and a description and examples where the line here
  isn't enough;
- `run(args)`, which does the work and returns an ExitCode. It imports what takes long to import.
"""

COMMANDS = {
    "record": "store what the sensor records, without a dashboard",
    "calibrate": "take your posture now as upright: sit upright and keep still",
    "rezero": "take your tilt now as zero, without a new calibration",
    "undo": "take back the last calibration or re-zero, within a minute",
    "profiles": "list the sensor's profiles, select one, or rename one",
    "snooze": "keep the motor quiet for a while",
    "buzz": "let the motor vibrate once, or play a pattern of alerts",
    "settings": "list the sensor's settings, or change one",
    "status": "show the sensor's state",
    "watch": "follow your posture as plain lines, for screen readers and pipes",
    "scan": "list the sensors within reach, plugged in and over Bluetooth",
    "pair": "pair this computer with a sensor over Bluetooth",
    "forget": "remove a sensor and its pairing from this computer",
    "hosts": "list the computers that the sensor knows over Bluetooth, or have it forget one",
    "export": "write the posture log of a day, or of a range of days, to a file",
    "verify": "check that an exported log is as it was written, and that its summary follows from its rows",
    "report": "write a day, week, month or year as one HTML file to read or print",
    "import": "bring exported logs back into the database",
    "backup": "write all that was recorded into one file",
    "restore": "put a backup in the place of the database",
    "delete": "delete recorded days for good",
    "prune": "delete the days that are older than you want to keep",
    "study": "put the exported days of many wearers into one table, and sum up the group",
    "tune": "replay past days under other settings, and show the alerts that they would have given",
    "exercises": "list the exercises that suit a place and what is at hand, or show one",
    "coach": "say which exercise suits this moment and why, or whether suggestions help",
    "programme": "plan today's exercises in a programme of six weeks",
    "session": "lead through an exercise, or through several that fit a time",
    "diagnostics": "show the sensor's health: resets, crashes, memory, errors, room in its journal",
    "doctor": "find what is wrong with cable, Bluetooth, sensor or database, and how to cure it",
    "bring-up": "walk through the checks of a board that was just built, and write a report",
    "power": "show how long a battery lasts, and what draws most",
    "simulate": "run a simulated sensor with a simulated or recorded wearer",
    "flash": "install the firmware on a board, or bring it up to date",
    "config": "show, check or edit the settings file of this computer",
    "serve": "show the dashboard in a browser, on this computer",
    "service": "record in the background, as a systemd user service",
    "info": "print what a bug report needs: versions, platform, terminal, files, adapters",
    "completion": "print the script that lets bash, zsh or fish complete command lines",
}
