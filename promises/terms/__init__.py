"""What a promise means exactly: its dated terms, its clocks and what a broken one pays."""
