"""Acts of staff, sign-in failures and refusals: append-only, chained."""
