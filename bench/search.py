"""How long a cashier waits for a customer to appear, by what was typed: from the call to the list, decryption included."""

from bench import ground

SIZES = {"smoke": (2_000, 5), "full": (1_000_000, 200)}


def main() -> None:
    asked = ground.options(__doc__ or "")
    count, times_each = SIZES[asked.size]
    with ground.database("chuzhi_bench_search") as url:
        from bench import finding

        rows = finding.run(count, times_each)
        facts = {"machine": ground.machine(url), "customers": count, "milliseconds": rows}
    figures = [ground.figure("search.p95", float(str(rows[0]["p95"])), "ms")]
    ground.report("search", asked.size, figures, facts=facts, write=asked.write)


if __name__ == "__main__":
    main()
