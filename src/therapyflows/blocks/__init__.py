"""Prefect blocks: typed configuration that an operator edits in the Prefect UI.

A block takes effect when a setting names it (``THERAPYFLOWS_LLM_BLOCK=practice``); otherwise the environment counts.
"""

from therapyflows.blocks.connections import LanguageModelConnection, SpeechModel, TherapyNotesConnection
from therapyflows.blocks.register import register_blocks

__all__ = ["LanguageModelConnection", "SpeechModel", "TherapyNotesConnection", "register_blocks"]
