"""The engine for JindoRuntime: JindoCache."""
