"""Looking inside a network: what its layers answer to a picture. Never changes a prediction."""
