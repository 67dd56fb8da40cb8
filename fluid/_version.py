"""The version of the package: everything that needs it reads it here."""

__version__ = "0.1.0"
