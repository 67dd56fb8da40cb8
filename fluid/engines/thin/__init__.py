"""Any FUSE client in a container image, by ThinRuntime and ThinRuntimeProfile."""
