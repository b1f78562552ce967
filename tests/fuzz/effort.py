"""How hard the fuzzing tries: a little in every test run, FUZZ_TIMES as much for `make fuzz`."""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))


def tries(few: int, *, steps: int = 50) -> settings:
    """So many examples in a test run. steps: of one example of a state machine."""
    spared = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=few * TIMES, stateful_step_count=steps, deadline=None, database=None, suppress_health_check=spared
    )
