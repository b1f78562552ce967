"""Reads only: the home of every role."""
