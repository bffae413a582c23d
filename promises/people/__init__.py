"""Staff, their branches, and who may do what where."""
