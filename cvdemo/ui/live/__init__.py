"""The page of the live webcam."""
