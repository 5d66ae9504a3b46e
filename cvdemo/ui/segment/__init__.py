"""The Segment page: the mask, and what can be done with it and learnt from it."""
