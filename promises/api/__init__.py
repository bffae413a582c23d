"""The JSON interface of queue systems and partners."""
