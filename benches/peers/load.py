"""How fast facts are loaded: plancube beside DuckDB, Polars, chDB and DataFusion, from Parquet and from CSV.

    python load.py DATA/10M --cube CUBE [--rounds 5] [--format parquet csv] [--engine NAME ...]

CUBE is the release binary `cube`; docs/benchmarks.md says what DATA holds. Each round loads with every engine once, each
in a process of its own with two threads, the engines in turn. Printed are the median and the spread of the time from the
request until questions can be asked, and the largest size of the process; each engine must have as many facts.

A peer ends with what its questions need: one table in memory, sorted by key, the members as codes in narrow integers,
those of the levels above beside them. plancube's measures are exact decimals there, the peers' floats.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

THREADS = 2
LEAVES = {"cc": "USMALLINT", "project": "USMALLINT", **dict.fromkeys(["channel", "location", "scenario", "month"], "UTINYINT")}
ABOVE = {
    "cc": ["dept", "unit", "division"], "project": ["programme", "portfolio"], "channel": ["channel_group"],
    "location": ["country", "region"], "month": ["quarter", "year"],
}
MEASURES = ["headcount", "cost", "revenue"]
ORDER = ["scenario", "cc", "project", "location", "channel", "month"]
PEERS = ["duckdb", "polars", "chdb", "datafusion"]


def select(facts, dimension, is_csv):
    """The statement that gives the sorted table; `dimension` says where a dimension's leaves are read."""
    join = " ".join(
        f"JOIN {dimension(leaf)} AS d_{leaf} ON f.{leaf} = d_{leaf}.{'label' if is_csv else leaf}"
        for leaf in LEAVES if is_csv or leaf in ABOVE
    )
    leaves = [f"{'d_' + leaf if is_csv else 'f'}.{leaf} AS {leaf}" for leaf in LEAVES]
    above = [f"d_{leaf}.{level} AS {level}" for leaf, levels in ABOVE.items() for level in levels]
    measures = [f"f.{measure} AS {measure}" for measure in MEASURES]
    return f"SELECT {', '.join(leaves + above + measures)} FROM {facts} AS f {join} ORDER BY {', '.join(ORDER)}"


def duckdb(path, is_csv):
    import duckdb

    base = duckdb.connect(config={"threads": THREADS, "preserve_insertion_order": True})
    facts = f"read_csv('{path}/facts.csv', header = true)" if is_csv else f"read_parquet('{path}/facts/*.parquet')"
    statement = select(facts, lambda leaf: f"read_parquet('{path}/dims/{leaf}.parquet')", is_csv)
    base.execute(f"CREATE TABLE facts AS {statement}")
    return base, base.execute("SELECT count(*) FROM facts").fetchone()[0]


def polars(path, is_csv):
    import polars as pl

    kind = {leaf: pl.UInt16 if name == "USMALLINT" else pl.UInt8 for leaf, name in LEAVES.items()}
    dimensions = {leaf: pl.read_parquet(f"{path}/dims/{leaf}.parquet") for leaf in LEAVES}
    if is_csv:
        facts = pl.read_csv(f"{path}/facts.csv", schema_overrides=dict.fromkeys(MEASURES, pl.Float64))
        coded = [
            pl.col(leaf).replace_strict(dimension["label"], dimension[leaf], return_dtype=kind[leaf])
            for leaf, dimension in dimensions.items()
        ]
    else:
        facts = pl.read_parquet(f"{path}/facts/*.parquet")
        coded = [pl.col(leaf).cast(kind[leaf]) for leaf in LEAVES]
    facts = facts.with_columns(coded).sort(ORDER)
    above = []
    for leaf, levels in ABOVE.items():
        codes = dimensions[leaf].sort(leaf)
        narrow = pl.UInt16 if leaf in ("cc", "project") else pl.UInt8
        above += [pl.lit(codes[level].cast(narrow)).gather(pl.col(leaf).cast(pl.UInt32)).alias(level) for level in levels]
    facts = facts.with_columns(above).rechunk()
    return facts, facts.height


def chdb(path, is_csv):
    import chdb
    import pyarrow.parquet as parquet

    connection = chdb.connect(":memory:")
    connection.query(f"SET max_threads = {THREADS}, max_insert_threads = {THREADS}")
    dimensions = {leaf: parquet.read_table(f"{path}/dims/{leaf}.parquet").to_pydict() for leaf in LEAVES}
    facts = f"file('{path}/facts.csv', CSVWithNames)" if is_csv else f"file('{path}/facts/*.parquet', Parquet)"
    code = lambda leaf: f"toUInt16(transform({leaf}, {dimensions[leaf]['label']}, {dimensions[leaf][leaf]}, 65535))" if is_csv else leaf
    width = {"USMALLINT": "UInt16", "UTINYINT": "UInt8"}
    columns = [f"{leaf} {width[kind]}" for leaf, kind in LEAVES.items()]
    given = [f"l_{leaf} AS {leaf}" for leaf in LEAVES]
    for leaf, levels in ABOVE.items():
        columns += [f"{level} UInt16" for level in levels]
        given += [f"{dimensions[leaf][level]}[l_{leaf} + 1] AS {level}" for level in levels]
    columns += [f"{measure} Float64" for measure in MEASURES]
    read = f"SELECT {', '.join([f'{code(leaf)} AS l_{leaf}' for leaf in LEAVES] + MEASURES)} FROM {facts}"
    connection.query(f"CREATE TABLE facts ({', '.join(columns)}) ENGINE = Memory")
    connection.query(f"INSERT INTO facts SELECT {', '.join(given + MEASURES)} FROM ({read}) ORDER BY {', '.join(ORDER)}")
    return connection, int(str(connection.query("SELECT count() FROM facts", "CSV")).strip())


def datafusion(path, is_csv):
    import datafusion

    context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(THREADS))
    for leaf in LEAVES:
        context.register_parquet(f"dim_{leaf}", f"{path}/dims/{leaf}.parquet")
    if is_csv:
        context.register_csv("facts", f"{path}/facts.csv", has_header=True)
    else:
        context.register_parquet("facts", f"{path}/facts")
    batches = context.sql(select("facts", lambda leaf: f"dim_{leaf}", is_csv)).collect()
    return batches, sum(batch.num_rows for batch in batches)


def run_peer(name, path, format):
    """Loads once; prints milliseconds, facts and the largest size in MiB."""
    start = time.perf_counter()
    held, facts = globals()[name](path, format == "csv")
    milliseconds = (time.perf_counter() - start) * 1000
    del held
    print(milliseconds, facts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
    os._exit(0)


def run_cube(cube, path, format):
    """The same of plancube."""
    process = subprocess.Popen(cube.split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write(json.dumps({"op": "load", "path": path, "fmt": format}) + "\n")
    process.stdin.flush()
    said = json.loads(process.stdout.readline())
    with open(f"/proc/{process.pid}/status") as status:
        largest = next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))
    process.stdin.close()
    process.wait()
    if "error" in said:
        raise SystemExit(f"plancube: {said['error']}")
    return said["ms"], said["rows"], largest


def run(name, options, format):
    if name == "plancube":
        return run_cube(options.cube, options.path, format)
    command = [sys.executable, __file__, options.path, "--peer", name, "--format", format]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(said[0]), int(said[1]), int(said[2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--cube")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--format", nargs="+", default=["parquet", "csv"])
    parser.add_argument("--engine", nargs="+", default=["plancube", *PEERS])
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = os.environ["RAYON_NUM_THREADS"] = str(THREADS)
    if options.peer:
        run_peer(options.peer, options.path, options.format[0])
    for format in options.format:
        samples = {name: [] for name in options.engine}
        for _ in range(options.rounds):
            for name in options.engine:
                samples[name].append(run(name, options, format))
        facts = {sample[1] for of in samples.values() for sample in of}
        assert len(facts) == 1, facts
        print(f"\n{format}, {facts.pop():,} facts; load average {os.getloadavg()[0]:.1f}\n")
        print("| engine | ms, median (least..most) | MiB at most |\n|---|--:|--:|")
        for name, of in samples.items():
            times = [sample[0] for sample in of]
            spread = f"{statistics.median(times):.0f} ({min(times):.0f}..{max(times):.0f})"
            print(f"| {name} | {spread} | {max(sample[2] for sample in of)} |")


if __name__ == "__main__":
    main()
