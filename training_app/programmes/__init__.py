"""Programmes, dated rule sets, cycles of a person, results of stages."""
