"""Measurements: each compares with a floor in the same run and tells the ratio."""
