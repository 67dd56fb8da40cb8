"""HelloRuntime: rclone as a cache, an engine of Fluid in a distribution of its own."""
