"""The garment laboratory without its pages: networks, what they get right, and which pictures they know nothing of."""
