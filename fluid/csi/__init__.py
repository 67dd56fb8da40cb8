"""The node plugin: brings caches into pods as CSI volumes, and keeps them alive there."""
