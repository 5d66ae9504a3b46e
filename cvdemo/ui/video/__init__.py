"""The video page: a clip, a network, the film that comes out of it."""
