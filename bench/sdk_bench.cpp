// What recording costs the program that is traced. Times are CPU times of the benchmark's thread;
// `allocs` counts its allocations per iteration. See README.md beside this file.
//
// The SDK is set up once a process, so each set-up has a process of its own: without --setup the
// program runs itself once for each of them, one after the other. Say --setup=NAME for one alone,
// with --benchmark_out too.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

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

/// A UDP socket on a free port of 127.0.0.1; nobody reads from it.
class DeafReceiver {
 public:
  DeafReceiver() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address_), size) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size) != 0) {
      std::perror("a socket on 127.0.0.1");
    }
  }
  DeafReceiver(const DeafReceiver&) = delete;
  DeafReceiver& operator=(const DeafReceiver&) = delete;
  ~DeafReceiver() { ::close(socket_); }

  [[nodiscard]] const sockaddr_in& address() const { return address_; }
  [[nodiscard]] std::string text() const {
    return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port));
  }

 private:
  int socket_;
  sockaddr_in address_{};
};

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

/// One `send` of a document's size; what the kernel does with a datagram that finds no room in the
/// receiver's buffer included, as in a flood it would be.
void floor_send_on_loopback(benchmark::State& state) {
  const DeafReceiver receiver;
  const int sender = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto& address = receiver.address();
  if (::connect(sender, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    state.SkipWithError("no connection");
  }
  const std::string datagram(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(::send(sender, datagram.data(), datagram.size(), 0));
  }
  ::close(sender);
}
BENCHMARK(floor_send_on_loopback)->Arg(1024);

void floor_new_id(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(xray::SegmentId::generate());
}
BENCHMARK(floor_new_id);

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

/// The same, and sent to a socket on loopback.
void segment_of_eleven_to_json_and_sent(benchmark::State& state) {
  const Allocations allocations(state);
  for (auto _ : state) record_segment_of_eleven();
}

/// Nobody listens where the documents go: what the recording thread notices of it.
void segment_of_eleven_callers_share_daemon_dead(benchmark::State& state) {
  time_in_rounds(state, 256, record_segment_of_eleven);
}

/// The queue is full all the time, so every segment is dropped.
void segment_of_eleven_callers_share_queue_full(benchmark::State& state) {
  const Allocations allocations(state);
  for (auto _ : state) record_segment_of_eleven();
}

void segment_of_eleven_sdk_off(benchmark::State& state) {
  const Allocations allocations(state);
  for (auto _ : state) record_segment_of_eleven();
}

/// Holds the sender up for ever.
class Hold : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {
    inside_.store(true);
    while (true) std::this_thread::sleep_for(std::chrono::hours(1));
  }
  void wait_until_inside() const {
    while (!inside_.load()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  std::atomic<bool> inside_{false};
};

constexpr std::string_view setups[] = {"asynchronous", "synchronous", "sent",
                                       "daemon_dead",  "queue_full",  "off"};

int run(std::string_view setup) {
  xray::Configuration configuration;
  configuration.queue_capacity = 65'536;
  configuration.log = [](std::string_view) {};
  std::string only;
  std::shared_ptr<Hold> hold;
  auto receiver = std::make_unique<DeafReceiver>();
  if (setup == "asynchronous") {
    configuration.emitter = std::make_shared<Discard>();
  } else if (setup == "synchronous") {
    configuration.emitter = std::make_shared<Discard>();
    configuration.synchronous = true;
    BENCHMARK(segment_of_eleven_to_json);
    only = "^segment_of_eleven_to_json$";
  } else if (setup == "sent") {
    configuration.daemon_address = receiver->text();
    configuration.synchronous = true;
    BENCHMARK(segment_of_eleven_to_json_and_sent);
    only = "^segment_of_eleven_to_json_and_sent$";
  } else if (setup == "daemon_dead") {
    configuration.daemon_address = receiver->text();
    receiver.reset();  // the port is nobody's now
    BENCHMARK(segment_of_eleven_callers_share_daemon_dead)->UseManualTime()->MinTime(0.1);
    only = "daemon_dead";
  } else if (setup == "queue_full") {
    hold = std::make_shared<Hold>();
    configuration.emitter = hold;
    configuration.queue_capacity = 2;
    BENCHMARK(segment_of_eleven_callers_share_queue_full);
    only = "queue_full";
  } else if (setup == "off") {
    configuration.enabled = false;
    BENCHMARK(segment_of_eleven_sdk_off);
    only = "sdk_off";
  } else {
    std::fprintf(stderr, "bench_sdk: no set-up \"%.*s\"\n", static_cast<int>(setup.size()),
                 setup.data());
    return 2;
  }
  if (xray::configure(configuration)) return 1;
  if (hold != nullptr) {
    { const xray::Segment first("first"); }
    hold->wait_until_inside();
    for (int i = 0; i < 4; ++i) const xray::Segment filling("filling");
  }

  if (only.empty()) {
    benchmark::RunSpecifiedBenchmarks();
  } else {
    benchmark::RunSpecifiedBenchmarks(only);
  }
  xray::flush(std::chrono::seconds(hold != nullptr ? 0 : 5));
  const auto statistics = xray::statistics();
  std::printf("documents sent or taken %llu, refused by the socket %llu, queue full %llu\n",
              static_cast<unsigned long long>(statistics.documents_sent),
              static_cast<unsigned long long>(statistics.dropped_send_failed),
              static_cast<unsigned long long>(statistics.dropped_queue_full));
  std::fflush(stdout);
  // A sender that is held up would hold up the end as well.
  if (hold != nullptr) ::_exit(0);
  return 0;
}

/// This program again, with one more argument; its exit code.
int run_again(char** argv, const std::string& argument) {
  std::vector<char*> arguments;
  for (char** each = argv; *each != nullptr; ++each) arguments.push_back(*each);
  std::string copy = argument;
  arguments.push_back(copy.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ) != 0) {
    return 1;
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view option = "--setup=";
  std::string_view setup;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.substr(0, option.size()) == option) setup = argument.substr(option.size());
  }
  if (setup.empty()) {
    int worst = 0;
    for (const std::string_view each : setups) {
      std::printf("\n== %.*s\n", static_cast<int>(each.size()), each.data());
      std::fflush(stdout);
      if (const int code = run_again(argv, std::string(option) + std::string(each))) worst = code;
    }
    return worst;
  }
  benchmark::Initialize(&argc, argv);
  return run(setup);
}
