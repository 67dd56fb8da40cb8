"""What all engines share, for maintainers; authors import `fluid.engines.api`."""
