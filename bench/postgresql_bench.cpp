// What tracing adds to calls of libpq. The figures of one call are items: 20 calls share a segment.
//
//     bench_postgresql --benchmark_repetitions=9 --benchmark_report_aggregates_only=true
//
// `refused`: the real PQexec on a connection that is none, which is as cheap as its calls get.
// `wrapper`: what our wrappers do around functions that do nothing, with a connection to a server,
// from which the facts come. `round_trip`: the real PQexec and a server that answers at once.
#include <libpq-fe.h>

#include <benchmark/benchmark.h>

#include <optional>
#include <stdexcept>

#include <xray/xray.hpp>

#include "client_calls.hpp"
#include "clients/postgresql/async_calls.hpp"
#include "clients/postgresql/sync_calls.hpp"
#include "support/stand_in_server.hpp"

namespace {

namespace pq = xray::clients::postgresql;

using bench::How;
using bench::measure;

constexpr const char* one = bench::short_statement;
constexpr const char* typical = bench::typical_statement;

class Server {
 public:
  Server() : connection_(PQconnectdb(server_.conninfo().c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) throw std::runtime_error("not connected");
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() { PQfinish(connection_); }

  operator PGconn*() const noexcept { return connection_; }

 private:
  xray_test::StandInServer server_;
  PGconn* connection_;
};

void refused(benchmark::State& state, How how) {
  const bench::Patched patched("postgresql", how);
  PGconn* const connection = PQconnectStart("nonsense");
  measure(state, how, [&] { benchmark::DoNotOptimize(PQexec(connection, one)); });
  PQfinish(connection);
}

void round_trip(benchmark::State& state, How how) {
  const bench::Patched patched("postgresql", how);
  const Server server;
  measure(state, how, [&] { PQclear(PQexec(server, typical)); });
}

PGresult* the_result = nullptr;

PGresult* give_result(PGconn* /*connection*/, const char* /*query*/) {
  return the_result;
}
int take_query(PGconn* /*connection*/, const char* /*query*/) {
  return 1;
}
PGresult* give_next_result(PGconn* /*connection*/) {
  return the_result;
}

template <typename Original, typename Function>
void lead(Original& original, Function* function) {
  original.set(reinterpret_cast<void*>(function));
}

/// Wrappers of a library of their own, which patching knows nothing of.
constexpr std::size_t unhooked = 1;

void lead_wrappers_to_our_functions() {
  the_result = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
  lead(pq::Exec<unhooked>::original, &give_result);
  lead(pq::SendQuery<unhooked>::original, &take_query);
  lead(pq::GetResult<unhooked>::original, &give_next_result);
  lead(pq::Host<unhooked>::original, &PQhost);
  lead(pq::Port<unhooked>::original, &PQport);
  lead(pq::DatabaseName<unhooked>::original, &PQdb);
  lead(pq::User<unhooked>::original, &PQuser);
  lead(pq::ParameterStatus<unhooked>::original, &PQparameterStatus);
  lead(pq::ServerVersion<unhooked>::original, &PQserverVersion);
  lead(pq::LibraryVersion<unhooked>::original, &PQlibVersion);
  lead(pq::BackendPid<unhooked>::original, &PQbackendPID);
  lead(pq::Status<unhooked>::original, &PQstatus);
  lead(pq::StatusOfResult<unhooked>::original, &PQresultStatus);
  lead(pq::PipelineStatus<unhooked>::original, &PQpipelineStatus);
}

void wrapper(benchmark::State& state, How how, const char* statement) {
  const Server server;
  if (how == How::unpatched) {
    PGresult* (*volatile direct)(PGconn*, const char*) = &give_result;
    measure(state, how, [&] { benchmark::DoNotOptimize(direct(server, statement)); });
  } else {
    PGresult* (*volatile wrapped)(PGconn*, const char*) = &pq::Exec<unhooked>::call;
    measure(state, how, [&] { benchmark::DoNotOptimize(wrapped(server, statement)); });
  }
}

/// Where any connection has something underway, each call looks whether it is its own.
void wrapper_beside_a_pipeline(benchmark::State& state, How how) {
  const Server server;
  const Server other;
  pq::underway().put(other, pq::Underway(0, true));
  PGresult* (*volatile wrapped)(PGconn*, const char*) = &pq::Exec<unhooked>::call;
  measure(state, how, [&] { benchmark::DoNotOptimize(wrapped(server, one)); });
  pq::give_up(other);
}

void sent_and_fetched(benchmark::State& state, How how) {
  const Server server;
  measure(state, how, [&] {
    benchmark::DoNotOptimize(pq::SendQuery<unhooked>::call(server, one));
    benchmark::DoNotOptimize(pq::GetResult<unhooked>::call(server));
  });
}

/// What is to be taken off.
void subsegment(benchmark::State& state, bool is_detached, bool has_sql) {
  measure(state, How::sampled, [&] {
    std::optional<xray::Subsegment> made;
    if (is_detached) {
      made.emplace("shop@127.0.0.1", xray::current_context(), xray::Namespace::remote);
    } else {
      made.emplace("shop@127.0.0.1", xray::Namespace::remote);
    }
    if (!has_sql) return;
    xray::SqlQuery query;
    query.url = "postgresql://127.0.0.1:54321/shop";
    query.database_type = "PostgreSQL";
    query.database_version = "15.20";
    query.driver_version = "libpq 15.20";
    query.user = "ann";
    query.sanitized_query = "SELECT ?";
    made->set_sql(query);
  });
}

BENCHMARK_CAPTURE(refused, unpatched, How::unpatched);
BENCHMARK_CAPTURE(refused, no_segment, How::no_segment);
BENCHMARK_CAPTURE(refused, unsampled, How::unsampled);
BENCHMARK_CAPTURE(wrapper, direct, How::unpatched, one);
BENCHMARK_CAPTURE(wrapper, no_segment, How::no_segment, one);
BENCHMARK_CAPTURE(wrapper, unsampled, How::unsampled, one);
BENCHMARK_CAPTURE(wrapper, sampled, How::sampled, one);
BENCHMARK_CAPTURE(wrapper, sampled_typical_text, How::sampled, typical);
BENCHMARK_CAPTURE(wrapper_beside_a_pipeline, unsampled, How::unsampled);
BENCHMARK_CAPTURE(wrapper_beside_a_pipeline, sampled, How::sampled);
BENCHMARK_CAPTURE(sent_and_fetched, no_segment, How::no_segment);
BENCHMARK_CAPTURE(sent_and_fetched, unsampled, How::unsampled);
BENCHMARK_CAPTURE(sent_and_fetched, sampled, How::sampled);
BENCHMARK_CAPTURE(subsegment, empty, false, false);
BENCHMARK_CAPTURE(subsegment, with_sql, false, true);
BENCHMARK_CAPTURE(subsegment, detached, true, false);
BENCHMARK_CAPTURE(subsegment, detached_with_sql, true, true);
BENCHMARK_CAPTURE(round_trip, unpatched, How::unpatched);
BENCHMARK_CAPTURE(round_trip, unsampled, How::unsampled);
BENCHMARK_CAPTURE(round_trip, sampled, How::sampled);

}  // namespace

int main(int argc, char** argv) {
  bench::discard_documents();
  lead_wrappers_to_our_functions();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  PQclear(the_result);
  return 0;
}
