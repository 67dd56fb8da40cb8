"""Typed models of all kinds and of the types that they use (generated; do not edit)."""

from .helloruntime import HelloFuseSpec, HelloRuntime, HelloRuntimeSpec

__all__ = ["HelloFuseSpec", "HelloRuntime", "HelloRuntimeSpec"]
