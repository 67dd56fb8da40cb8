"""The engine for AlluxioRuntime: Alluxio 2."""
