"""What the clinician is told about a recording: constant codes and sentences about the file only."""

from therapyflows.core.notices import Notice
from therapyflows.integrations.speech.decode import RATE, Recording

SHORT_SHARE = 0.6
"""A recording below this share of the appointment's length is worth a look."""
LOST_SHARE = 0.03
LOST_S = 1.0
QUIET_GAIN = 100.0
"""Amplification (40 dB) from which words are likely to be misheard."""
LITTLE_SPEECH_SHARE = 0.05
HARD_TO_TELL_DISTANCE = 0.15

ONE_VOICE = Notice(
    "one_voice", "Only one voice was found in this recording: please check whether the other side was recorded."
)
VOICES_ALIKE = Notice(
    "voices_alike", "The two voices are hard to tell apart: please check who said what before you approve."
)
VERY_QUIET = Notice("recording_very_quiet", "The recording is very quiet and was amplified: please check the words.")
LITTLE_SPEECH = Notice(
    "little_speech", "There is hardly any speech in this recording: please check that it is the right file."
)


def of_file(recording: Recording, expected_minutes: float | None) -> list[Notice]:
    """What was lost on the way, and whether the length fits the appointment."""
    notices: list[Notice] = []
    duration_s, declared_s = recording.duration_s, recording.declared_s or 0.0
    lost_s = max(0.0, declared_s - duration_s) + recording.gaps_s
    if recording.cut_off or recording.bad_packets or lost_s > LOST_S + LOST_SHARE * declared_s:
        length = f"; {_minutes(lost_s)} could not be read" if lost_s > LOST_S else ""
        notices.append(
            Notice(
                "recording_damaged",
                f"PARTS OF THIS RECORDING ARE MISSING: the file is damaged or was cut off{length}. "
                "Upload it again if a complete copy exists.",
            )
        )
    if expected_minutes and duration_s < SHORT_SHARE * expected_minutes * 60:
        notices.append(
            Notice(
                "recording_shorter_than_appointment",
                f"The recording is {_minutes(duration_s)} long, the appointment {_minutes(expected_minutes * 60)}: "
                "a part of the session may be missing.",
            )
        )
    return notices


def of_sound(gain: float, speech_samples: int, duration_s: float) -> list[Notice]:
    """Quiet or nearly empty recordings."""
    notices = [VERY_QUIET] if gain >= QUIET_GAIN else []
    if duration_s >= 60 and speech_samples / RATE < LITTLE_SPEECH_SHARE * duration_s:
        notices.append(LITTLE_SPEECH)
    return notices


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
