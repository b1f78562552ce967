"""What tests share: servers they start, databases they get, readers of the source."""
