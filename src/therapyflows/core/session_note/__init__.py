"""From a session (recording, dictation, transcript, session fields) to a progress note draft."""
