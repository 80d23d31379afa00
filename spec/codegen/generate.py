"""Generates a service's C++ API (default) or its compatibility page (--compatibility) from model and overlay.

generate.py --overlay spec/overlays/sts.json --out build/generated/services/sts
generate.py --overlay spec/overlays/sts.json --compatibility docs/compatibility/sts.md
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emit import Emitter
from model import Service, SpecError, load_service


def write_if_changed(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    else:
        path.touch()


def compatibility_page(service: Service) -> str:
    done = {operation.name: operation for operation in service.operations}
    names = sorted(service.model["operations"])
    reasons = service.overlay.get("not_implemented", {})
    lines = [
        f"# {service.metadata['serviceFullName']}: {len(done)} of {len(names)} actions",
        "",
        f"Generated from `spec/overlays/{service.name}.json` by `./dev lint --fix`; API version "
        f"{service.metadata['apiVersion']}. An action that is not implemented answers `NotImplemented` (HTTP 501) by its name.",
        "",
        *[f"- {note}" for note in service.overlay.get("notes", [])],
        *([""] if service.overlay.get("notes") else []),
        "| action | here | IAM action | remarks |",
        "|---|---|---|---|",
    ]
    for name in names:
        if name in done:
            actions = dict.fromkeys(each["action"] for each in done[name].permissions)
            shown = ", ".join(f"`{action}`" for action in actions)
            lines.append(f"| {name} | yes | {shown} | {done[name].overlay.get('remark', '')} |")
        else:
            lines.append(f"| {name} | no | | {reasons.get(name, '')} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--overlay", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--compatibility", type=Path)
    arguments = parser.parse_args()
    try:
        service = load_service(arguments.overlay)
        if arguments.out:
            emitter = Emitter(service)
            write_if_changed(arguments.out / "api.h", emitter.header())
            write_if_changed(arguments.out / "api.cc", emitter.source())
        if arguments.compatibility:
            write_if_changed(arguments.compatibility, compatibility_page(service))
    except SpecError as error:
        print(f"{arguments.overlay}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
