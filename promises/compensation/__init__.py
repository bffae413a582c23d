"""What a broken promise pays: the ledger and the payments."""
