"""`python -m training_app.media` is the media process; `training-app serve` starts it."""

from training_app.media.main import main

if __name__ == "__main__":
    raise SystemExit(main())
