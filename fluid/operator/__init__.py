"""The operator process: wires informer_factory, controllers, lease and servers, and runs them."""
