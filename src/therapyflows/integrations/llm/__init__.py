"""Language models behind one structured-output call."""
