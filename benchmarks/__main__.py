"""Prints every speed ratio. One benchmark that cannot run here says why and does not stop the others."""

from __future__ import annotations

import importlib
import importlib.util

MODULES = (
    "import_speed",
    "import_floor",
    "bigquery_travel",
    "scenario_speed",
    "commitment_plan",
    "draws_speed",
    "recommend_speed",
    "page_speed",
)


def main() -> None:
    for name in MODULES:
        path = f"benchmarks.{name}"
        if importlib.util.find_spec(path) is None:
            continue
        print(f"{name}:")
        try:
            found = importlib.import_module(path).ratios()
        except (ImportError, OSError, MemoryError) as error:
            print(f"  not measured here: {error}")
            continue
        for title, ratio, remark in found:
            print(f"  {title}: {ratio:.2f} ({remark})")


if __name__ == "__main__":
    main()
