"""From an uploaded file to pieces of feedback: pure reading, guessing and checking, no database."""
