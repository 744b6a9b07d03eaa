// What it costs to take the values out of a statement: bytes of statement a second.
//
//     bench_sql --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>

#include "sql/sanitise.hpp"

namespace {

using xray::sql::Dialect;

constexpr std::string_view short_select = "SELECT id, name, price FROM products WHERE id = 4711";

constexpr std::string_view typical_select =
    "SELECT o.id, o.created_at, c.first_name, c.last_name, SUM(i.quantity * i.unit_price) AS "
    "total\n"
    "  FROM orders o\n"
    "  JOIN customers c ON c.id = o.customer_id\n"
    "  JOIN order_items i ON i.order_id = o.id\n"
    " WHERE o.status = 'shipped' AND o.created_at BETWEEN '2026-01-01' AND '2026-01-31'\n"
    "   AND c.country IN ('DE', 'FR', 'IT') AND i.quantity > 2\n"
    " GROUP BY o.id, o.created_at, c.first_name, c.last_name\n"
    "HAVING SUM(i.quantity * i.unit_price) > 99.95\n"
    " ORDER BY total DESC LIMIT 50 OFFSET 100";

constexpr std::string_view parameters =
    "UPDATE accounts SET balance = balance - $1, updated_at = now(), version = version + 1 WHERE "
    "id = $2 AND version = $3 RETURNING balance, version";

const std::string& bulk_insert() {
  static const std::string statement = [] {
    std::string text = "INSERT INTO measurements (sensor, taken_at, value, note) VALUES ";
    for (int i = 0; i < 500; ++i) {
      text += (i == 0 ? "" : ", ");
      text += "(" + std::to_string(i) + ", '2026-01-31 12:34:56', " + std::to_string(i) +
              ".25, 'a note of some length')";
    }
    return text;
  }();
  return statement;
}

void sanitise(benchmark::State& state, std::string_view statement, Dialect dialect) {
  std::array<char, xray::sql::longest_query> buffer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(statement);
    auto shown = xray::sql::sanitise(statement, dialect, buffer.data(), buffer.size());
    benchmark::DoNotOptimize(shown);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * statement.size()));
}

void add(const std::string& name, std::string_view statement) {
  constexpr struct {
    const char* name;
    Dialect dialect;
  } dialects[] = {{"sqlite", Dialect::sqlite},
                  {"postgresql", Dialect::postgresql},
                  {"mysql", Dialect::mysql},
                  {"unknown", Dialect::unknown}};
  for (const auto& dialect : dialects) {
    benchmark::RegisterBenchmark((name + "/" + dialect.name).c_str(), sanitise, statement,
                                 dialect.dialect);
  }
}

}  // namespace

int main(int argc, char** argv) {
  add("short_select", short_select);
  add("typical_select", typical_select);
  add("parameters", parameters);
  add("bulk_insert", bulk_insert());
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
