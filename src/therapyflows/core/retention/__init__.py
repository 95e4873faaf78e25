"""The end of a retention period: deletion with a proof."""
