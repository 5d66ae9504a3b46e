"""How fast every network is on this machine, and how much memory it takes."""
