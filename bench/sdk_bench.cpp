// What recording costs the program that is traced. Times are CPU times of the benchmark's thread;
// `allocs` counts its allocations per iteration. See README.md beside this file.
#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <xray/testing.hpp>
#include <xray/xray.hpp>

#include "support/allocations.hpp"

namespace {

constexpr std::string_view sampled_header =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr std::string_view unsampled_header =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

/// Takes documents and forgets them, so that neither socket nor daemon is part of the figure.
class Discard : public xray::Emitter {
 public:
  void emit(std::string_view document) noexcept override {
    bytes += document.size();
    ++documents;
  }
  std::size_t bytes = 0;
  std::size_t documents = 0;
};

/// Counts allocations from construction to report().
class Allocations {
 public:
  explicit Allocations(benchmark::State& state) : state_(&state), before_(support::allocations()) {}
  ~Allocations() {
    state_->counters["allocs"] = benchmark::Counter(
        static_cast<double>(support::allocations() - before_), benchmark::Counter::kAvgIterations);
  }
  Allocations(const Allocations&) = delete;
  Allocations& operator=(const Allocations&) = delete;

 private:
  benchmark::State* state_;
  std::uint64_t before_;
};

void record_segment_of_eleven() {
  const xray::Segment segment("checkout", xray::TraceHeader::parse(sampled_header));
  for (int i = 0; i < 10; ++i) {
    xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
    subsegment.add_annotation("customer", "c-17");
    subsegment.add_annotation("product", "lamp");
  }
}

// Floors of the machine, for comparison.

void floor_steady_clock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(std::chrono::steady_clock::now());
}
BENCHMARK(floor_steady_clock);

#if defined(__x86_64__)
void floor_tsc(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(__rdtsc());
}
BENCHMARK(floor_tsc);
#endif

// The recording path.

/// CPU time of the calling thread, in seconds.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Times `records` calls of `record` at a time, and lets the sender catch up in between, off the
/// clock: so the queue never fills, as in a program that is not a benchmark.
template <typename Record>
void time_in_rounds(benchmark::State& state, int records, Record record) {
  std::uint64_t allocated = 0;
  double seconds = 0;
  for (auto _ : state) {
    const std::uint64_t before = support::allocations();
    const double begin = thread_seconds();
    for (int i = 0; i < records; ++i) record();
    const double spent = thread_seconds() - begin;
    state.SetIterationTime(spent);
    seconds += spent;
    allocated += support::allocations() - before;
    xray::flush(std::chrono::seconds(10));
  }
  const auto total = static_cast<double>(state.iterations()) * records;
  state.counters["ns_each"] =
      benchmark::Counter(seconds * 1e9 / total, benchmark::Counter::kAvgThreads);
  state.counters["allocs"] = benchmark::Counter(static_cast<double>(allocated) / total);
}

/// `ns_each` is one subsegment, with 1/64 of a segment.
void subsegment_with_two_annotations(benchmark::State& state) {
  const auto header = xray::TraceHeader::parse(sampled_header);
  int left = 0;
  std::optional<xray::Segment> segment;
  time_in_rounds(state, 64 * 128, [&] {
    if (left-- == 0) {
      segment.emplace("bench", header);
      left = 63;
    }
    xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
    subsegment.add_annotation("customer", "c-17");
    subsegment.add_annotation("product", "lamp");
  });
}
BENCHMARK(subsegment_with_two_annotations)->UseManualTime()->MinTime(0.1);

/// What recording and ending a segment with ten subsegments of two annotations costs its thread;
/// the sender writes it on another one.
void segment_of_eleven_callers_share(benchmark::State& state) {
  time_in_rounds(state, 256, record_segment_of_eleven);
}
BENCHMARK(segment_of_eleven_callers_share)->UseManualTime()->MinTime(0.1)->ThreadRange(1, 2);

void segment_unsampled_by_its_header(benchmark::State& state) {
  const auto header = xray::TraceHeader::parse(unsampled_header);
  const Allocations allocations(state);
  for (auto _ : state) {
    const xray::Segment segment("bench", header);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(segment_unsampled_by_its_header);

void subsegment_of_an_unsampled_segment(benchmark::State& state) {
  const xray::Segment segment("bench", xray::TraceHeader::parse(unsampled_header));
  const Allocations allocations(state);
  for (auto _ : state) {
    xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
    subsegment.add_annotation("customer", "c-17");
  }
}
BENCHMARK(subsegment_of_an_unsampled_segment);

void header_parse_and_write(benchmark::State& state) {
  const Allocations allocations(state);
  for (auto _ : state) {
    std::string_view text = sampled_header;
    benchmark::DoNotOptimize(text);
    const auto header = xray::TraceHeader::parse(text);
    benchmark::DoNotOptimize(header.to_string());
  }
}
BENCHMARK(header_parse_and_write);

/// Synchronous mode: recording, and the document written on the same thread.
void segment_of_eleven_to_json(benchmark::State& state) {
  const Allocations allocations(state);
  for (auto _ : state) record_segment_of_eleven();
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  // The synchronous mode is chosen once a process: `--synchronous` runs what needs it.
  bool synchronous = false;
  for (int i = 1; i < argc; ++i)
    synchronous = synchronous || std::string_view(argv[i]) == "--synchronous";
  auto discard = std::make_shared<Discard>();
  xray::Configuration configuration;
  configuration.emitter = discard;
  configuration.synchronous = synchronous;
  configuration.queue_capacity = 65'536;
  configuration.log = [](std::string_view) {};
  if (xray::configure(configuration)) return 1;
  if (synchronous) {
    BENCHMARK(segment_of_eleven_to_json);
    benchmark::RunSpecifiedBenchmarks("segment_of_eleven_to_json");
    return 0;
  }
  benchmark::RunSpecifiedBenchmarks();
  xray::flush(std::chrono::seconds(5));
  const auto statistics = xray::statistics();
  std::printf("documents taken %llu, dropped because the queue was full %llu\n",
              static_cast<unsigned long long>(statistics.documents_sent),
              static_cast<unsigned long long>(statistics.dropped_queue_full));
  return 0;
}
