"""Charts: TherapyNotes contract, memory."""
