"""Setting up a sitting: plan, roster, seats, duties, form and prints."""
