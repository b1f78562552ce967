"""The command `training-app`, also as `python -m training_app`."""

import gc

# what is imported stays: to look through it for garbage again and again took a fifth of every start
gc.disable()

from training_app.cli import main  # noqa: E402 - see above

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
