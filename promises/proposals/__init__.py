"""What staff propose to solve a problem, how they would work, and who stands behind it."""
