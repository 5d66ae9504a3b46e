"""The inside of a network: its layers, what they see, what they answer to, and what the answer rests on."""
