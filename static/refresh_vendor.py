"""Copies the browser libraries and fonts named in package.json into the repository, with their versions and licences.

`package.json` is the only list: exact versions, under "vendored" which files go where, under "sprite" which icons are
drawn into one SVG. The lock file pins every archive by its digest. After a change of package.json:
`python static/refresh_vendor.py`. Nothing of a package is executed.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "static" / "vendor" / "VENDORED.json"
SVG = "http://www.w3.org/2000/svg"
BINARY = {".ttf"}
SHAPE = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "viewBox")


def install(manifest: dict[str, object], folder: Path) -> Path:
    """The folder of the installed packages, in the versions of the lock file or, without one, of the manifest."""
    wanted = {key: manifest[key] for key in ("name", "private", "license", "dependencies", "devDependencies")}
    (folder / "package.json").write_text(json.dumps(wanted), encoding="utf-8")
    lock = ROOT / "package-lock.json"
    if lock.exists():
        shutil.copy(lock, folder)
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm was not found: install Node.js to refresh the vendored files.")
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"]
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603  a fixed command
    shutil.copy(folder / "package-lock.json", lock)
    return folder / "node_modules"


def symbol(name: str, source: Path) -> ET.Element:
    """The icon of the file `source` as a <symbol> with the id `name`."""
    drawing = ET.parse(source).getroot()  # noqa: S314  a file pinned by the lock file
    attributes = {key: value for key, value in drawing.attrib.items() if key in SHAPE and key != "stroke-width"}
    made = ET.Element(f"{{{SVG}}}symbol", {"id": name, **attributes})
    made.extend(part for part in drawing if part.get("d") != "M0 0h24v24H0z")
    for part in made:
        part.tail = None
    return made


def write_sprite(sprite: dict[str, object], packages: Path) -> None:
    """One SVG with a symbol for each icon: `name` for outlines, `name-filled` for filled ones."""
    ET.register_namespace("", SVG)
    icons = packages / str(sprite["package"]) / "icons"
    root = ET.Element(f"{{{SVG}}}svg")
    for style, suffix in (("outline", ""), ("filled", "-filled")):
        names = sprite[style]
        assert isinstance(names, list)
        root.extend(symbol(name + suffix, icons / style / f"{name}.svg") for name in sorted(names))
    ET.indent(root, space="")
    (ROOT / str(sprite["to"])).write_bytes(ET.tostring(root, encoding="utf-8") + b"\n")


def copy_package(name: str, entry: dict[str, object], packages: Path) -> dict[str, object]:
    """The record of one package after its files were copied: version, licence, files."""
    about = json.loads((packages / name / "package.json").read_text(encoding="utf-8"))
    if about["license"] != entry["licence"]:
        sys.exit(f"{name}: package.json records the licence {entry['licence']}, the package says {about['license']}.")
    files = entry["files"]
    assert isinstance(files, dict)
    for source, target in files.items():
        (ROOT / target).parent.mkdir(parents=True, exist_ok=True)
        if Path(source).suffix in BINARY:
            shutil.copyfile(packages / name / source, ROOT / target)
            continue
        # A source map is not shipped, so its name would only make a browser's tools ask for a missing file.
        lines = (packages / name / source).read_text(encoding="utf-8").rstrip().splitlines()
        kept = [line for line in lines if "sourceMappingURL=" not in line]
        (ROOT / target).write_text("\n".join(kept) + "\n", encoding="utf-8")
    kept = entry.get("kept", [])  # licence texts that the package itself does not carry; written by hand, kept here
    assert isinstance(kept, list)
    return {"version": about["version"], "licence": about["license"], "files": sorted([*files.values(), *kept])}


def main() -> None:
    """Refreshes every vendored file and the record of them."""
    manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        packages = install(manifest, Path(folder))
        record = {name: copy_package(name, entry, packages) for name, entry in sorted(manifest["vendored"].items())}
        sprite = manifest["sprite"]
        write_sprite(sprite, packages)
        record[sprite["package"]]["files"] = sorted([*record[sprite["package"]]["files"], sprite["to"]])
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
