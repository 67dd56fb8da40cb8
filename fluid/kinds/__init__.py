"""The kinds that are installed, as far as the SDK, the node plugin and rendering have to know them."""
