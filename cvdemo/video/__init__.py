"""Video files: read, looked at frame by frame, and written again with what was seen."""
