"""Score checks and objections: asked by a candidate, decided by a person who had no part in it."""
