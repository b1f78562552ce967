"""Persons, organisations, bases, roles, postings, sign-in."""
