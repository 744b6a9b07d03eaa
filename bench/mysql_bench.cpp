// What tracing adds to calls of libmariadb. The figures of one call are items: 20 share a segment.
//
//     bench_mysql --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// `refused`: the real mysql_query on a connection that is not open, which is as cheap as its calls
// get; sampled, it is a call that fails and says why. `wrapper`: what our wrappers do around a
// query that does nothing, with a library that answers what it is asked. `executed`: the same of a
// prepared statement. `subsegment`, `sql_subsegment`: what is to be taken off.
#include <mysql.h>

#include <benchmark/benchmark.h>

#include <string_view>

#include <xray/xray.hpp>

#include "client_calls.hpp"
#include "clients/mysql/prepared_statements.hpp"
#include "clients/mysql/queries.hpp"

namespace {

namespace ours = xray::clients::mysql;

using bench::How;
using bench::measure;

constexpr const char* one = bench::short_statement;
constexpr const char* typical = bench::typical_statement;

void refused(benchmark::State& state, How how) {
  const bench::Patched patched("mysql", how);
  MYSQL* const connection = mysql_init(nullptr);
  measure(state, how, [&] { benchmark::DoNotOptimize(mysql_query(connection, one)); });
  mysql_close(connection);
}

int answer_query(ours::Mysql* /*connection*/, const char* /*text*/) {
  return 0;
}
int answer_execution(ours::Statement* /*statement*/) {
  return 0;
}

/// As of an open connection, for the time that asking takes.
char get_info(ours::Mysql* connection, int value, void* answer) {
  const char result = mariadb_get_info(reinterpret_cast<MYSQL*>(connection),
                                       static_cast<mariadb_value>(value), answer);
  switch (value) {
    case ours::mariadb_connection_host:
      *static_cast<const char**>(answer) = "127.0.0.1";
      break;
    case ours::mariadb_connection_schema:
      *static_cast<const char**>(answer) = "shop";
      break;
    case ours::mariadb_connection_user:
      *static_cast<const char**>(answer) = "ann";
      break;
    case ours::mariadb_connection_port:
      *static_cast<unsigned*>(answer) = 3306;
      break;
    default:
      break;
  }
  return result;
}

const char* server_info(ours::Mysql* /*connection*/) {
  return "10.11.19-MariaDB-0+deb12u1";
}

/// Wrappers of a library of their own, which patching knows nothing of.
constexpr std::size_t unhooked = 9;

template <typename Original, typename Function>
void lead(Original& original, Function* function) {
  original.set(reinterpret_cast<void*>(function));
}

void lead_wrappers_to_our_functions() {
  lead(ours::Query<unhooked>::original, &answer_query);
  lead(ours::StatementExecute<unhooked>::original, &answer_execution);
  lead(ours::GetInfo<unhooked>::original, &get_info);
  lead(ours::ServerInfo<unhooked>::original, &server_info);
  lead(ours::ClientInfo<unhooked>::original, &mysql_get_client_info);
  lead(ours::CharacterSet<unhooked>::original, &mysql_character_set_name);
}

void wrapper(benchmark::State& state, How how, const char* text) {
  MYSQL* const real = mysql_init(nullptr);
  auto* const connection = reinterpret_cast<ours::Mysql*>(real);
  int (*volatile call)(ours::Mysql*, const char*) =
      how == How::unpatched ? &answer_query : &ours::Query<unhooked>::call;
  measure(state, how, [&] { benchmark::DoNotOptimize(call(connection, text)); });
  mysql_close(real);
}

void executed(benchmark::State& state, How how) {
  MYSQL* const real = mysql_init(nullptr);
  char place = 0;
  auto* const statement = reinterpret_cast<ours::Statement*>(&place);
  ours::remember_statement(
      statement, ours::describe(ours::questions<unhooked>(), reinterpret_cast<ours::Mysql*>(real)));
  ours::remember_text(statement, typical);
  int (*volatile call)(ours::Statement*) =
      how == How::unpatched ? &answer_execution : &ours::StatementExecute<unhooked>::call;
  measure(state, how, [&] { benchmark::DoNotOptimize(call(statement)); });
  ours::forget_statement(statement);
  mysql_close(real);
}

void subsegment(benchmark::State& state) {
  measure(state, How::sampled,
          [] { const xray::Subsegment call("shop@127.0.0.1", xray::Namespace::remote); });
}

/// What a statement's subsegment contains, without finding it out.
void sql_subsegment(benchmark::State& state, std::string_view text) {
  xray::SqlQuery query;
  query.url = "mysql://127.0.0.1:3306/shop";
  query.database_type = "MariaDB";
  query.database_version = "10.11.19-MariaDB-0+deb12u1";
  query.driver_version = "3.3.20";
  query.user = "ann";
  query.sanitized_query = text;
  measure(state, How::sampled, [&query] {
    xray::Subsegment call("shop@127.0.0.1", xray::Namespace::remote);
    call.set_sql(query);
  });
}

#define IN_EVERY_WAY(function, ...)                                                    \
  BENCHMARK_CAPTURE(function, unpatched, How::unpatched __VA_OPT__(, ) __VA_ARGS__);   \
  BENCHMARK_CAPTURE(function, no_segment, How::no_segment __VA_OPT__(, ) __VA_ARGS__); \
  BENCHMARK_CAPTURE(function, unsampled, How::unsampled __VA_OPT__(, ) __VA_ARGS__);   \
  BENCHMARK_CAPTURE(function, sampled, How::sampled __VA_OPT__(, ) __VA_ARGS__)

IN_EVERY_WAY(refused);
IN_EVERY_WAY(wrapper, one);
BENCHMARK_CAPTURE(wrapper, sampled_typical, How::sampled, typical);
IN_EVERY_WAY(executed);
BENCHMARK(subsegment);
BENCHMARK_CAPTURE(sql_subsegment, one, one);
BENCHMARK_CAPTURE(sql_subsegment, typical, typical);

}  // namespace

int main(int count, char** arguments) {
  bench::discard_documents();
  lead_wrappers_to_our_functions();
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
