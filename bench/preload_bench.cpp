// What an unsampled call costs a program that knows nothing of traces, under the preload library.
//
//     bench_preload --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// Runs itself twice: without the library, and with it and nothing sampled. A row is one hooked call
// (sqlite3_step), an execution two (and sqlite3_reset).
#include <sqlite3.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "sqlite_statement.hpp"

namespace {

void row(benchmark::State& state) {
  const bench::SqliteStatement statement(bench::endless_rows);
  for (auto _ : state) benchmark::DoNotOptimize(sqlite3_step(statement.prepared));
}

void execution(benchmark::State& state) {
  const bench::SqliteStatement statement("select 1");
  for (auto _ : state) {
    benchmark::DoNotOptimize(sqlite3_step(statement.prepared));
    sqlite3_reset(statement.prepared);
  }
}

void add(const char* suffix) {
  benchmark::RegisterBenchmark((std::string("row/") + suffix).c_str(), row);
  benchmark::RegisterBenchmark((std::string("execution/") + suffix).c_str(), execution);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc + 1);  // some are taken away below
  const bool is_preloaded = std::getenv("LD_PRELOAD") != nullptr;
  add(is_preloaded ? "preloaded_unsampled" : "alone");
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  if (is_preloaded) return 0;
  setenv("LD_PRELOAD", XRAY_PRELOAD_LIBRARY, 1);
  setenv("AWS_XRAY_SAMPLER", "never", 1);
  return execv("/proc/self/exe", arguments.data());
}
