"""`python -m training_app` is the command `training-app`."""

from training_app.cli import main

if __name__ == "__main__":
    main()
