"""The feature-map explorer: any network of the registry on the visitor's picture, layer by layer, channel by channel."""
