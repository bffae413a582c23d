"""Management chooses: rounds, ballots, decisions with reasons, and the launch of what was chosen."""
