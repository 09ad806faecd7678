"""Session texts: what a guided session's scene says, for every face."""

from .session_model import Answer, Done, Scene
from .session_plan import Phase

ANSWER_NAMES = {
    Answer.GO_ON: "go on",
    Answer.PAUSE: "pause",
    Answer.SKIP: "skip",
    Answer.TOO_HARD: "too hard",
    Answer.TOO_EASY: "too easy",
    Answer.HURTS: "it hurts",
    Answer.QUIT: "end",
}
TOO_SHORT_TO_REPEAT = len("10. The other side.")
"""What is said and no longer than this is shown by the counts already."""


def title(scene: Scene) -> str:
    """Return the exercise, and which one, which round and which set it is."""
    round_ = f" · round {scene.round} of {scene.rounds}" if scene.rounds > 1 else ""
    number = f" · {scene.number} of {scene.of_exercises}" if scene.of_exercises > 1 else ""
    sets = f" · set {scene.stage.set} of {scene.stage.sets}" if scene.stage.sets > 1 else ""
    return f"{scene.exercise.name}{number}{round_}{sets}"


def dose(scene: Scene) -> str:
    """Return the step and its dose."""
    text = scene.step.dose
    return f"{scene.step.text} {text[0].upper()}{text[1:]}."


def headline(scene: Scene) -> str:
    """Return what to do now."""
    side = f", {scene.stage.side}" if scene.stage.side else ""
    return f"{'PAUSED: ' if scene.is_paused else ''}{scene.stage.headline}{side}"


def bar(scene: Scene, width: int) -> str:
    """Return the timer of the stage as a bar with the seconds left, empty if it has no fixed length."""
    stage = scene.stage
    if scene.left_s is None or not stage.length_s:
        return ""
    cells = max(4, min(30, width - 8))
    full = round(cells * (1 - scene.left_s / stage.length_s))
    return f"[{'#' * full}{'-' * (cells - full)}] {scene.left_s:.0f} s"


def counts(scene: Scene) -> list[str]:
    """Return what is counted, one line each."""
    stage, lines = scene.stage, []
    if stage.repetitions > 1:
        shown = scene.done if stage.phase is Phase.COUNTED else stage.repetition
        lines.append(f"{shown} of {stage.repetitions}")
    if stage.phase is Phase.COUNTED and stage.hold_s:
        lines.append(f"held {scene.held_s:.1f} of {stage.hold_s:.0f} s")
    if stage.phase is Phase.TIMED and scene.counted is not None:
        lines.append(f"counted {scene.counted}")
    return lines


def sentences(scene: Scene) -> list[str]:
    """Return the instructions while they are read, later the form cue and what was said; then the sensor's part."""
    if scene.stage.phase is Phase.READ:
        shown = [f"{number}. {sentence}" for number, sentence in enumerate(scene.exercise.how, 1)]
    else:
        said = scene.last_said if len(scene.last_said) > TOO_SHORT_TO_REPEAT else ""
        shown = [sentence for sentence in (scene.cue, said) if sentence]
    return [*shown, scene.note]


def done_text(done: Done) -> str:
    """Return what was done of an exercise, as one line without an end."""
    length_s = round(done.end_s - done.start_s)
    text = f"{done.exercise.name}: {f'{length_s // 60} min ' if length_s >= 60 else ''}{length_s % 60} s"
    if done.repetitions is not None:
        text += f", {done.repetitions} repetitions counted{' (experimental)' if done.exercise.is_experimental else ''}"
    return text if done.is_complete else f"{text}, ended early"


def curve_caption(scene: Scene) -> str:
    """Return what the curve shows; empty where there is none to show."""
    if not scene.curve or scene.counted is None:
        return ""
    return f"Tilt of your back.{' Turn between the dotted lines.' if scene.band is not None else ''}"
