"""The operator process: wires informers, controllers, lease and servers, and runs them."""
