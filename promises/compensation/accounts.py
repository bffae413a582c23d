"""The accounts between which the ledger moves money."""

COST = "remedies"
CUSTOMERS = "customers"
TILL = "till"
VOUCHERS = "vouchers"
ON_THE_WAY = "on_the_way"
CREDITS = "credits"
BANK = "bank"
BETWEEN = (VOUCHERS, ON_THE_WAY)
"""What has left and not arrived: vouchers that nobody has redeemed, payments that nobody has confirmed."""
PAID = (TILL, CREDITS, BANK)
"""Where the money of what has reached the customers came from."""
