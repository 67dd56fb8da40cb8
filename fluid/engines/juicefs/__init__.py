"""The engine for JuiceFSRuntime: the community and the enterprise edition of JuiceFS."""
