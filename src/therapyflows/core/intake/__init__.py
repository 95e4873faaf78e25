"""From any intake form to a client record that a person has verified.  Knows ports, not PDF, OCR, HTTP or SQL."""
