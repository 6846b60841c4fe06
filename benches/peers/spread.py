"""How fast a plan is scaled in place: an UPDATE in DuckDB of as many rows as `spread` spreads over.

    star write FACTS.csv ROWS
    python spread.py FACTS.csv [--rounds 5]

FACTS.csv is what the release binary `star` writes; `spread run ROWS` times plancube on the same facts. Each round makes the
table anew, in memory and with two threads, and updates the plan of all divisions but D1 within a transaction, which is then
rolled back. Printed are the medians and the spread of the update and of the rollback.

The update rounds every row by itself: its rows need not add up to the new total. plancube's do, to the last unit.
"""

import argparse
import statistics
import time

import duckdb

THREADS = 2
UPDATE = "UPDATE facts SET cost = round(cost * 1.033333, 2) WHERE scenario = 'plan' AND division <> 'D1'"


def milliseconds(work):
    start = time.perf_counter()
    answer = work()
    return (time.perf_counter() - start) * 1000, answer


def once(path):
    """Milliseconds of the update and of the rollback, and the rows."""
    base = duckdb.connect(config={"threads": THREADS})
    base.execute(
        f"CREATE TABLE facts AS SELECT * REPLACE (CAST(cost AS DECIMAL(18, 2)) AS cost) FROM read_csv('{path}', header = true)"
    )
    base.execute("BEGIN")
    update, rows = milliseconds(lambda: base.execute(UPDATE).fetchone()[0])
    rollback, _ = milliseconds(lambda: base.execute("ROLLBACK"))
    base.close()
    return update, rollback, rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    samples = [once(options.path) for _ in range(options.rounds)]
    print("| step | rows | ms, median (least..most) |\n|---|--:|--:|")
    for at, name in enumerate(["update", "rollback"]):
        times = [sample[at] for sample in samples]
        print(f"| {name} | {samples[0][2]} | {statistics.median(times):.1f} ({min(times):.1f}..{max(times):.1f}) |")


if __name__ == "__main__":
    main()
