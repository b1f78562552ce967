"""A seeded fault run: a room saves while the site under it is killed, cut off, filled up and put out of time.

`python -m tests.soak --seed 7 --faults 30 --database postgresql` strikes the same faults in the same order each time.
"""
