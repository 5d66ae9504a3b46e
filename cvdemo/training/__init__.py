"""Training of the shipped networks: one loop, two subjects (garments, streets), their data and their figures."""
