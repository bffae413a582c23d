"""What people say of problems: names, merges, splits, which quote belongs where, and how far they agree."""
