"""Problems are looked for in new feedback, kept apart from what people said, and announced when they turn."""
