"""The feature-map explorer: any network on the visitor's picture, layer by layer, channel by channel."""
