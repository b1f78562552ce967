"""What follows a sitting: keys and cut score, score runs, release, the result and its report."""
