"""Tests of the site and of the item bank."""
