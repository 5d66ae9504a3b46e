"""The panels of the Fashion laboratory."""
