"""Networks that made history: what they are built of, what they cost, and their small descendants."""
