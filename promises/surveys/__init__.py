"""Our own surveys: asking customers, by link, QR code or mail, and what they answer."""
