"""The star cube's work in DuckDB and Polars, in turn with plancube, and a check that all agree.

    python star.py FACTS.csv --star STAR --plancube PLANCUBE [--rounds 5]

STAR and PLANCUBE are the release binaries. Each round runs every engine once, each in a process of its own with two
threads; medians over the rounds are printed, in milliseconds. Before that, the pivots of every engine (before the move,
after it, after the undo), by department and quarter and leaf by leaf, are compared cell by cell with plancube's.

The move is the one in `benches/src/lib.rs`: a tenth of the plan's cost of division D1 goes to D2. What leaves is
apportioned over D1's leaves by largest remainder; what arrives at a project, channel and month is apportioned over
D2's leaves there. Whole cents; ties go to the first leaf by name.
"""

import argparse
import csv
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from decimal import Decimal

THREADS = 2
AGAIN = 5
MOVE = "move 10% cost from D1 to D2 where plan"
TEXTS = ["division", "department", "team", "portfolio", "project", "channel", "scenario", "period"]
LEAF = ["division", "department", "team", "portfolio", "project", "channel", "period"]
STEPS = [
    "read the file only", "load", "show", "show again", "move", "show after move", "show again after move", "undo", "show after undo",
    "open",
]
# What is asked for the check: rows, column, division (all where none).
PIVOTS = [
    (["department"], "quarter", None),
    (["team", "project", "channel"], "period", "D1"),
    (["team", "project", "channel"], "period", "D2"),
]
PEERS = ["duckdb", "duckdb-enum", "duckdb-file", "polars", "polars-cat"]


class Duck:
    """DuckDB: texts or enums, in memory or in a file. In memory the undo is a rollback of the open transaction; in a
    file the move is committed with the old values beside it, and the undo writes them back and commits."""

    def __init__(self, enums, folder=None):
        import duckdb

        self.enums, self.file = enums, folder and os.path.join(folder, "star.duckdb")
        self.base = duckdb.connect(self.file or ":memory:", config={"threads": THREADS})

    def load(self, path):
        columns = {name: "VARCHAR" for name in TEXTS}
        columns |= {"headcount": "BIGINT", "cost": "DECIMAL(18,2)", "revenue": "DECIMAL(18,2)"}
        quarter = "period[1:4] || '-Q' || ((period[6:7]::INT + 2) // 3) AS quarter"
        source = f"SELECT *, {quarter} FROM read_csv('{path}', header = true, columns = {columns})"
        if not self.enums:
            self.base.execute(f"CREATE TABLE facts AS {source}")
            return
        self.base.execute(f"CREATE TEMP TABLE raw AS {source}")
        names = [*TEXTS, "quarter"]
        for name in names:
            self.base.execute(f"CREATE TYPE {name}_name AS ENUM (SELECT DISTINCT {name} FROM raw ORDER BY 1)")
        cast = ", ".join(f"{name}::{name}_name AS {name}" for name in names)
        self.base.execute(f"CREATE TABLE facts AS SELECT {cast}, headcount, cost, revenue FROM raw; DROP TABLE raw")

    def pivot(self, rows, column, division):
        by = ", ".join([*rows, column])
        where = f"AND division = '{division}'" if division else ""
        query = f"SELECT {by}, sum(cost) FROM facts WHERE scenario = 'plan' {where} GROUP BY {by}"
        return {tuple(row[:-1]): row[-1] for row in self.base.execute(query).fetchall() if row[-1] is not None}

    def move(self):
        place, leaf = "project, channel, period", ", ".join(LEAF)
        cells = f"SELECT rowid AS cell, (cost * 100)::BIGINT AS cents, {leaf} FROM facts WHERE scenario = 'plan'"
        moved = f"""
            CREATE OR REPLACE TEMP TABLE moved AS
            WITH sources AS ({cells} AND division = 'D1' AND cost IS NOT NULL),
            whole AS (SELECT sum(cents)::BIGINT AS there, (there + 5) // 10 AS amount FROM sources),
            shares AS (SELECT *, amount * cents // there AS share, amount * cents % there AS rest FROM sources, whole),
            taken AS (
                SELECT cell, {place}, cents,
                    share + (row_number() OVER (ORDER BY rest DESC, {leaf}) <= amount - sum(share) OVER ())::BIGINT
                    AS change FROM shares),
            arriving AS (SELECT {place}, sum(change)::BIGINT AS amount FROM taken GROUP BY {place}),
            targets AS (
                SELECT t.*, amount, sum(cents) OVER (PARTITION BY {place})::BIGINT AS there
                FROM ({cells} AND division = 'D2' AND cost IS NOT NULL) t JOIN arriving USING ({place})),
            parts AS (SELECT *, amount * cents // there AS share, amount * cents % there AS rest FROM targets),
            given AS (
                SELECT cell, cents,
                    share + (row_number() OVER (PARTITION BY {place} ORDER BY rest DESC, {leaf})
                    <= amount - sum(share) OVER (PARTITION BY {place}))::BIGINT AS change FROM parts)
            SELECT cell, cents, (cents - change)::BIGINT AS after FROM taken
            UNION ALL SELECT cell, cents, (cents + change)::BIGINT FROM given"""
        self.base.execute("BEGIN")
        self.base.execute(moved)
        self.write("after")
        if self.file:
            self.base.execute("COMMIT")

    def undo(self):
        if not self.file:
            self.base.execute("ROLLBACK")
            return
        self.base.execute("BEGIN")
        self.write("cents")
        self.base.execute("COMMIT")

    def write(self, cents):
        # Exact: DECIMAL(18,0) times DECIMAL(3,2) keeps all digits.
        value = f"(moved.{cents}::DECIMAL(18,0) * 0.01::DECIMAL(3,2))::DECIMAL(18,2)"
        self.base.execute(f"UPDATE facts SET cost = {value} FROM moved WHERE facts.rowid = moved.cell")

    def touched(self):
        return self.base.execute("SELECT count(*) FROM moved WHERE cents <> after").fetchone()[0]

    def size(self):
        if not self.file:
            return self.base.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()[0]
        self.base.execute("CHECKPOINT")
        return os.path.getsize(self.file)

    def open(self):
        import duckdb

        if self.file:
            self.base.close()
            return lambda: setattr(self, "base", duckdb.connect(self.file, config={"threads": THREADS}))
        return None


class Polars:
    """Polars: texts or categories; the undo is the old frame."""

    def __init__(self, categories):
        import polars

        self.pl, self.text = polars, polars.Categorical if categories else polars.String
        self.count = None

    def load(self, path):
        pl = self.pl
        money = pl.Decimal(18, 2)
        types = {name: self.text for name in TEXTS} | {"headcount": pl.Int64, "cost": money, "revenue": money}
        text = pl.col("period").cast(pl.String)
        number = (text.str.slice(5, 2).cast(pl.Int32) + 2) // 3
        quarter = text.str.slice(0, 4) + "-Q" + number.cast(pl.String)
        cents = (pl.col("cost") * 100).cast(pl.Int64).alias("cents")
        frame = pl.read_csv(path, schema=types)
        self.facts = frame.with_columns(quarter.cast(self.text).alias("quarter"), cents).drop("cost")

    def pivot(self, rows, column, division):
        pl = self.pl
        where = pl.col("scenario") == "plan"
        if division:
            where &= pl.col("division") == division
        lazy = self.facts.lazy().filter(where).group_by([*rows, column]).agg(pl.col("cents").sum())
        return {tuple(row[:-1]): Decimal(row[-1]).scaleb(-2) for row in lazy.collect().iter_rows()}

    def move(self):
        pl = self.pl
        place = ["project", "channel", "period"]
        col, ordered = pl.col, [pl.col(name).cast(pl.String) for name in LEAF]
        plan = self.facts.lazy().with_row_index("cell").filter(col("scenario") == "plan", col("cents").is_not_null())
        sources = plan.filter(col("division") == "D1").select("cell", "cents", *LEAF).collect()
        there = sources["cents"].sum()
        amount = (there + 5) // 10
        shares = sources.with_columns(
            share=col("cents") * amount // there, rest=col("cents") * amount % there
        ).sort([col("rest"), *ordered], descending=[True] + [False] * len(LEAF))
        left = amount - shares["share"].sum()
        taken = shares.with_row_index("n").with_columns(change=col("share") + (col("n") < left).cast(pl.Int64))
        arriving = taken.group_by(place).agg(amount=col("change").sum())
        parts = (
            plan.filter(col("division") == "D2").select("cell", "cents", *LEAF).collect().join(arriving, on=place)
            .with_columns(there=col("cents").sum().over(place))
            .with_columns(share=col("cents") * col("amount") // col("there"),
                          rest=col("cents") * col("amount") % col("there"))
            .sort([col("rest"), *ordered], descending=[True] + [False] * len(LEAF))
        )
        n, left = pl.int_range(pl.len()).over(place), col("amount") - col("share").sum().over(place)
        given = parts.with_columns(change=col("share") + (n < left).cast(pl.Int64))
        cells = pl.concat([taken["cell"], given["cell"]])
        values = pl.concat([taken["cents"] - taken["change"], given["cents"] + given["change"]])
        self.old = self.facts
        self.facts = self.facts.with_columns(self.facts["cents"].clone().scatter(cells, values))
        self.count = (self.old["cents"] != self.facts["cents"]).sum

    def undo(self):
        self.facts = self.old

    def touched(self):
        return self.count()

    def size(self):
        return self.facts.estimated_size()

    def open(self):
        return None


def peer(name, folder):
    return {
        "duckdb": lambda: Duck(False),
        "duckdb-enum": lambda: Duck(True),
        "duckdb-file": lambda: Duck(True, folder),
        "polars": lambda: Polars(False),
        "polars-cat": lambda: Polars(True),
    }[name]()


def run_peer(name, path):
    """One life of a peer's table; prints a line for each step."""
    show = PIVOTS[0]
    with tempfile.TemporaryDirectory() as folder:
        engine = peer(name, folder)

        def timed(step, work, *arguments):
            start = time.perf_counter()
            result = work(*arguments)
            print(f"{step}\t{(time.perf_counter() - start) * 1000:.3f}")
            return result

        timed("load", engine.load, path)
        print(f"bytes\t{engine.size()}")
        before = timed("show", engine.pivot, *show)
        for _ in range(AGAIN):
            timed("show again", engine.pivot, *show)
        timed("move", engine.move)
        timed("show after move", engine.pivot, *show)
        for _ in range(AGAIN):
            timed("show again after move", engine.pivot, *show)
        print(f"touched\t{engine.touched()}")
        timed("undo", engine.undo)
        assert timed("show after undo", engine.pivot, *show) == before
        if reopen := engine.open():
            timed("open", reopen)


def run_star(star, path, place):
    """One life of a cube; gives the steps' lines as a peer prints them."""
    said = subprocess.run([star, "run", path, "1", place], check=True, capture_output=True, text=True).stdout
    lines = [line.split("|") for line in said.splitlines() if line.startswith("| ")]
    lines = [f"{fields[1].strip()}\t{fields[2].split()[0]}" for fields in lines[1:] if fields[2].split()]
    return "\n".join([*lines, *(line.replace(": ", "\t", 1) for line in said.splitlines() if ": " in line)])


def ask(plancube, file, statement):
    """plancube's answer to a pivot, as cells."""
    said = subprocess.run([plancube, file, "--format", "csv", "-c", statement], check=True, capture_output=True, text=True)
    rows = list(csv.reader(io.StringIO(said.stdout)))
    return rows[0], rows[1:]


def plancube_pivot(plancube, file, rows, column, division):
    across = "month" if column == "period" else column
    where = f"plan, {division}" if division else "plan"
    heading, lines = ask(plancube, file, f"show cost by {', '.join(rows)} across {across} where {where}")
    labels = len(rows)
    return {
        (*line[:labels], heading[place]): Decimal(value)
        for line in lines for place, value in enumerate(line) if place >= labels and value
    }


def check(plancube, star, path):
    """Compares every cell of every pivot with plancube's."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "star.plancube")
        script = subprocess.run([star, "script", path], check=True, capture_output=True, text=True).stdout
        subprocess.run([plancube, file, "-f", "-"], input=script, check=True, capture_output=True, text=True)
        states = []
        for statement in [None, MOVE, "undo"]:
            if statement:
                subprocess.run([plancube, file, "-c", statement], check=True, capture_output=True)
            states.append([plancube_pivot(plancube, file, *pivot) for pivot in PIVOTS])
        totals = [sum(state[0].values()) for state in states]
        assert totals[0] == totals[1] == totals[2], totals
        assert states[0] == states[2] and states[0] != states[1]
        for name in PEERS:
            engine = peer(name, folder)
            engine.load(path)
            for state, work in zip(states, [lambda: None, engine.move, engine.undo]):
                work()
                for pivot, mine in zip(PIVOTS, state):
                    theirs = engine.pivot(*pivot)
                    wrong = [key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)]
                    assert not wrong, (name, pivot, len(wrong), wrong[:3])
            print(f"{name}: agrees in {sum(len(p) for s in states for p in s)} cells")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("facts")
    parser.add_argument("--star")
    parser.add_argument("--plancube")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        run_peer(options.peer, options.facts)
        return
    os.environ["POLARS_MAX_THREADS"] = os.environ["RAYON_NUM_THREADS"] = str(THREADS)
    check(options.plancube, options.star, options.facts)
    names = ["plancube", "plancube-file", *PEERS]
    samples, said = defaultdict(list), {}
    for _ in range(options.rounds):
        for name in names:
            if name.startswith("plancube"):
                text = run_star(options.star, options.facts, "file" if name.endswith("file") else "memory")
            else:
                command = [sys.executable, __file__, options.facts, "--peer", name]
                text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for step, value in (line.split("\t") for line in text.splitlines() if "\t" in line):
                if step in STEPS:
                    samples[name, step].append(float(value))
                else:
                    said[name, step] = value
    print("| step (ms) | " + " | ".join(names) + " |")
    print("|---|" + "--:|" * len(names))
    for step in STEPS:
        print(f"| {step} | " + " | ".join(cell(samples[name, step]) for name in names) + " |")
    for (name, step), value in said.items():
        print(f"{name}: {step}: {value}")
    print(f"largest process of all: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MiB")


def cell(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}..{max(values):.2f})" if values else ""


if __name__ == "__main__":
    main()
