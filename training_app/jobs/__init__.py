"""Long work with progress and cancel, and what is done each minute: the worker."""
