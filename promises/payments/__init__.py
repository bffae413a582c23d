"""How money leaves: what the customer chose, vouchers, batches for the bank and the billing system."""
