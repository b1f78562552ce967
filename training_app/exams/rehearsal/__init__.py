"""Rehearsals 演练: simulated candidates sit a marked sitting on the real site; what was measured is kept with it."""
