"""Write the documents that are drawn from the code (`make docs`), or say which are not current (`--check`)."""

from __future__ import annotations

import sys
from pathlib import Path

from bot import diagram

FOLDER = Path(__file__).parent
DOCUMENTS = {FOLDER / "dialogue.md": diagram.document}


def main() -> int:
    """Write or check every document; 1 when one is not current."""
    is_check = "--check" in sys.argv[1:]
    old = [path for path, draw in DOCUMENTS.items() if not path.exists() or path.read_text(encoding="utf-8") != draw()]
    for path in old:
        if is_check:
            sys.stderr.write(f"{path.name} is not current: run `make docs`\n")
        else:
            path.write_text(DOCUMENTS[path](), encoding="utf-8")
    return 1 if is_check and old else 0


if __name__ == "__main__":
    sys.exit(main())
