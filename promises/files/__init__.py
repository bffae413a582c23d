"""Files that people bring in: kept sealed while they wait, taken part by part, their bad rows given back."""
