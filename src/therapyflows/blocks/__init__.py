"""Prefect blocks: typed configuration that an operator edits in the Prefect UI.

A block takes effect when a setting names it (``THERAPYFLOWS_LLM_BLOCK``, ``THERAPYFLOWS_SPEECH_BLOCK``); otherwise the
environment counts.
"""

from therapyflows.blocks.connections import LanguageModelConnection, SpeechModel
from therapyflows.blocks.register import register_blocks

__all__ = ["LanguageModelConnection", "SpeechModel", "register_blocks"]
