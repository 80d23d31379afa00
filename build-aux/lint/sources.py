"""Which files the linter looks at: those of the repository, committed or about to be."""

from __future__ import annotations

import fnmatch
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("TARN_BUILD", ROOT / "build")).resolve()


@dataclass(frozen=True)
class Sources:
    """Files of the repository, as absolute paths in order of name."""

    all: list[Path]

    @classmethod
    def of_repository(cls, *, changed_only: bool = False) -> Sources:
        """Every file that git tracks or would track; or only those that differ from HEAD."""
        names = git("ls-files", "--others", "--exclude-standard")
        names += git("diff", "--name-only", "HEAD") if changed_only else git("ls-files")
        paths = sorted({ROOT / name for name in names})
        return cls([path for path in paths if path.is_file() and not path.is_symlink()])

    def named(self, *patterns: str) -> list[Path]:
        """The files whose name fits one of the patterns."""
        return [
            p for p in self.all if any(fnmatch.fnmatch(p.name, pattern) for pattern in patterns)
        ]

    def below(self, *folders: str) -> list[Path]:
        """The files in folders of the repository (a file's own name works too)."""
        tops = [ROOT / folder for folder in folders]
        return [p for p in self.all if any(p == top or top in p.parents for top in tops)]


def git(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments, "-z"], capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\0") if name]
