"""Registers the block types and leaves one document of each, named ``practice``, for an operator to edit."""

from prefect.blocks.core import Block

from therapyflows.blocks.connections import LanguageModelConnection, SpeechModel

DOCUMENT = "practice"


async def register_blocks(blocks: list[Block] | None = None) -> None:
    """Create block types and documents that do not exist yet; an edited document stays as it is."""
    for block in blocks or [LanguageModelConnection(), SpeechModel()]:
        kind = type(block)
        await kind.aregister_type_and_schema()
        try:
            await kind.aload(DOCUMENT)
        except ValueError:
            await block.asave(DOCUMENT)


__all__ = ["DOCUMENT", "register_blocks"]
