"""Doubles and drivers that several rings of tests share."""
