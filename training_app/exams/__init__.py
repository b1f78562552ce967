"""Practice and tests: forms, attempts, response events, score runs, results."""
