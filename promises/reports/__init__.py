"""What branches and management read, and can act on."""
