"""`python -m benchmarks [--short] [NAME …]`: runs the measurements and prints a line for each."""

import argparse

from benchmarks import checks, crowds, forms, hot, streams
from benchmarks.measuring import Figure

ALL = {
    "checks": checks.figures,
    "forms": forms.figures,
    "hot": hot.figures,
    "herd": crowds.herd,
    "savers": crowds.savers,
    "sign_in": crowds.sign_in,
    "streams": streams.figures,
}


def main() -> None:
    """Prints every figure of the measurements that are named, or of all."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measures against a floor in the same run.")
    parser.add_argument("names", nargs="*", choices=[*ALL, []], help="which; all when none is named")
    parser.add_argument("--short", action="store_true", help="small sizes, as the tests run them")
    chosen = parser.parse_args()
    for name in chosen.names or ALL:
        for figure in ALL[name](short=chosen.short):
            print(_line(name, figure))


def _line(name: str, figure: Figure) -> str:
    told = f"{figure.ratio:6.2f} × {figure.floor}" if figure.ratio is not None else figure.told
    return f"{name:8} {figure.what:58} {figure.cpu_ms:10.2f} ms CPU  {told}"


if __name__ == "__main__":
    main()
