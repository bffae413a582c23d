"""The two catalogues, and the check that they are whole."""
