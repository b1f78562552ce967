"""The console of a sitting: who is where, trouble first, and what invigilators do about it."""
