"""What the problem board shows: each problem with what it does, from kept counts or from the rows."""
