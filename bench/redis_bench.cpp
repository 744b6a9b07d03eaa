// What it costs to have Redis commands traced, by commands whose replies are there already: hiredis
// without the network.
//
//     bench_redis --benchmark_repetitions=7 --benchmark_report_aggregates_only=true
//
// `ns_each` is the CPU time of the calling thread a command. What tracing costs is the difference
// to `unpatched`; of a sampled command, less `empty_subsegment`.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>

#include <cstring>
#include <string_view>

#include <xray/xray.hpp>

#include "client_calls.hpp"

namespace {

using bench::How;
using bench::measure_calls_alone;
using bench::Patched;

/// A connection to nowhere, as one of redisConnect() looks.
class Connection {
 public:
  Connection() : context_(redisConnectFd(::open("/dev/null", O_RDWR | O_CLOEXEC))) {
    context_->flags |= REDIS_BLOCK;
    context_->tcp.host = ::strdup("redis.example");
    context_->tcp.port = 6379;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { redisFree(context_); }

  void command() {
    feed();
    freeReplyObject(redisCommand(context_, "SET %s %s", "key", "value"));
    forget_output();
  }

  void append_nothing() { redisAppendFormattedCommand(context_, "", 0); }

  void pipeline_of_ten() {
    for (int i = 0; i < 10; ++i) redisAppendCommand(context_, "SET %s %s", "key", "value");
    for (int i = 0; i < 10; ++i) {
      void* reply = nullptr;
      feed();
      redisGetReply(context_, &reply);
      freeReplyObject(reply);
    }
    forget_output();
  }

 private:
  void forget_output() {
    sdssetlen(context_->obuf, 0);
    context_->obuf[0] = '\0';
  }
  void feed() { redisReaderFeed(context_->reader, "+OK\r\n", 5); }

  redisContext* context_;
};

void command(benchmark::State& state, How how) {
  const Patched patched("redis", how);
  Connection connection;
  measure_calls_alone(state, how, [&connection] { connection.command(); });
}
BENCHMARK_CAPTURE(command, unpatched, How::unpatched)->UseManualTime();
BENCHMARK_CAPTURE(command, no_segment, How::no_segment)->UseManualTime();
BENCHMARK_CAPTURE(command, unsampled, How::unsampled)->UseManualTime();
BENCHMARK_CAPTURE(command, sampled, How::sampled)->UseManualTime();

/// Almost nothing, so that what the wrapper adds is seen.
void append_nothing(benchmark::State& state, How how) {
  const Patched patched("redis", how);
  Connection connection;
  measure_calls_alone(state, how, [&connection] { connection.append_nothing(); });
}
BENCHMARK_CAPTURE(append_nothing, unpatched, How::unpatched)->UseManualTime();
BENCHMARK_CAPTURE(append_nothing, no_segment, How::no_segment)->UseManualTime();
BENCHMARK_CAPTURE(append_nothing, unsampled, How::unsampled)->UseManualTime();

void pipeline_of_ten(benchmark::State& state, How how) {
  const Patched patched("redis", how);
  Connection connection;
  measure_calls_alone(state, how, [&connection] { connection.pipeline_of_ten(); });
}
BENCHMARK_CAPTURE(pipeline_of_ten, unpatched, How::unpatched)->UseManualTime();
BENCHMARK_CAPTURE(pipeline_of_ten, unsampled, How::unsampled)->UseManualTime();
BENCHMARK_CAPTURE(pipeline_of_ten, sampled, How::sampled)->UseManualTime();

void empty_subsegment(benchmark::State& state) {
  measure_calls_alone(state, How::sampled, [] {
    const xray::Subsegment subsegment("redis@redis.example", xray::Namespace::remote);
    benchmark::ClobberMemory();
  });
}
BENCHMARK(empty_subsegment)->UseManualTime();

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  bench::discard_documents();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
