"""Mail that leaves after the commit: kept here until it is confirmed to be sent."""
