// What tracing adds to an execution of an SQLite statement, and to each of its rows.
//
//     bench_sqlite --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// An execution here is sqlite3_step and sqlite3_reset, both wrapped; `row` is sqlite3_step alone,
// in the middle of an execution.
#include <sqlite3.h>

#include <xray/xray.hpp>

#include <benchmark/benchmark.h>

#include "client_calls.hpp"
#include "sqlite_statement.hpp"

namespace {

using bench::How;

void execution(benchmark::State& state, How how, const char* text) {
  const bench::Patched patched("sqlite3", how);
  const bench::SqliteStatement statement(text);
  bench::measure(state, how, [&statement] {
    benchmark::DoNotOptimize(sqlite3_step(statement.prepared));
    sqlite3_reset(statement.prepared);
  });
}

void row(benchmark::State& state, How how) {
  const bench::Patched patched("sqlite3", how);
  const bench::SqliteStatement statement(bench::endless_rows);
  const bench::Around around(how);
  sqlite3_step(statement.prepared);
  for (auto _ : state) benchmark::DoNotOptimize(sqlite3_step(statement.prepared));
}

/// What is to be taken off: a subsegment that is never current, with an sql block, and its share of
/// the segment.
void subsegment(benchmark::State& state, bool with_sql) {
  bench::measure(state, How::sampled, [with_sql] {
    xray::Subsegment made("memory", xray::current_context(), xray::Namespace::remote);
    if (!with_sql) return;
    xray::SqlQuery query;
    query.url = "sqlite:memory";
    query.database_type = "SQLite";
    query.database_version = sqlite3_libversion();
    query.preparation = "statement";
    query.sanitized_query = "select ?";
    made.set_sql(query);
  });
}

constexpr const char* one = "select 1";
constexpr const char* typical =
    "select id, name, price, stock from (select 1 as id, 'a' as name, 2 "
    "as price, 3 as stock) where id = ? and price < ?";

BENCHMARK_CAPTURE(execution, unpatched, How::unpatched, one);
BENCHMARK_CAPTURE(execution, no_segment, How::no_segment, one);
BENCHMARK_CAPTURE(execution, unsampled, How::unsampled, one);
BENCHMARK_CAPTURE(execution, sampled, How::sampled, one);
BENCHMARK_CAPTURE(execution, unpatched_long_text, How::unpatched, typical);
BENCHMARK_CAPTURE(execution, sampled_long_text, How::sampled, typical);
BENCHMARK_CAPTURE(row, unpatched, How::unpatched);
BENCHMARK_CAPTURE(row, no_segment, How::no_segment);
BENCHMARK_CAPTURE(row, unsampled, How::unsampled);
BENCHMARK_CAPTURE(row, sampled, How::sampled);
BENCHMARK_CAPTURE(subsegment, empty, false);
BENCHMARK_CAPTURE(subsegment, with_sql, true);

}  // namespace

int main(int argc, char** argv) {
  bench::discard_documents();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
