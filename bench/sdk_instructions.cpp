// One operation of the SDK, a given number of times: for callgrind, which counts the instructions
// inside measured(). tests/instructions/gates.py runs it and holds the counts against their bounds.
//
//     bench_sdk_instructions OPERATION COUNT
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include <xray/impl/clock.hpp>
#include <xray/testing.hpp>
#include <xray/xray.hpp>

// What callgrind is told to count: entering it starts, leaving it stops, on this thread only.
extern "C" __attribute__((noinline, visibility("default"))) void measured(void (*operation)());
extern "C" void measured(void (*operation)()) {
  operation();
  asm volatile("");  // not a tail call: the function must be left to be seen to end
}

namespace {

constexpr std::string_view sampled_header =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
constexpr std::string_view unsampled_header =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

template <typename Value>
void keep(const Value& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// Forgets documents; can be told to hold the sender up, so that its queue fills.
class Discard : public xray::Emitter {
 public:
  void emit(std::string_view document) noexcept override {
    keep(document);
    std::unique_lock<std::mutex> lock(mutex_);
    inside_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
  }
  void hold() {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = true;
    inside_ = false;
  }
  void wait_until_inside() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return inside_; });
  }
  void let_go() {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool inside_ = false;
};

xray::TraceHeader header_of(std::string_view text) {
  return xray::TraceHeader::parse(text);
}

// The operations. Each stands for `per_call` operations of its kind.

constexpr int subsegments_a_call = 32;

void subsegments() {
  for (int i = 0; i < subsegments_a_call; ++i) {
    xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
    subsegment.add_annotation("customer", "c-17");
    subsegment.add_annotation("product", "lamp");
  }
}

xray::TraceHeader incoming;

void segment_of_eleven() {
  const xray::Segment segment("checkout", incoming);
  for (int i = 0; i < 10; ++i) {
    xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
    subsegment.add_annotation("customer", "c-17");
    subsegment.add_annotation("product", "lamp");
  }
}

void segment() {
  const xray::Segment segment("checkout", incoming);
  keep(segment);
}

void unsampled_subsegment() {
  xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
  subsegment.add_annotation("customer", "c-17");
  keep(subsegment);
}

void trace_header() {
  std::string_view text = sampled_header;
  keep(text);
  const auto text_again = xray::TraceHeader::parse(text).to_string();
  keep(text_again);
}

struct Scenario {
  const char* name;
  void (*operation)();
  int per_call;
  std::string_view header;
  bool synchronous;
  bool inside_a_segment;
  bool queue_is_full;
};

constexpr Scenario scenarios[] = {
    {"subsegment", subsegments, subsegments_a_call, sampled_header, false, true, false},
    {"segment_of_eleven_callers_share", segment_of_eleven, 1, sampled_header, false, false, false},
    {"segment_of_eleven_queue_full", segment_of_eleven, 1, sampled_header, false, false, true},
    {"segment_of_eleven_to_json", segment_of_eleven, 1, sampled_header, true, false, false},
    {"segment_unsampled_by_its_header", segment, 1, unsampled_header, false, false, false},
    {"subsegment_of_an_unsampled_segment", unsampled_subsegment, 1, unsampled_header, false, true,
     false},
    {"header_parse_and_write", trace_header, 1, {}, false, false, false},
};

/// `count` operations, counted or not. Now and then, off the count, the sender catches up: then
/// memory circulates as it does in a program at ease.
void run(const Scenario& scenario, int count, bool counted) {
  for (int done = 0; done < count;) {
    {
      std::optional<xray::Segment> around;
      if (scenario.inside_a_segment) around.emplace("checkout", header_of(scenario.header));
      for (int i = 0; i < 8 && done < count; ++i, done += scenario.per_call) {
        if (counted) {
          measured(scenario.operation);
        } else {
          scenario.operation();
        }
      }
    }
    if (!scenario.queue_is_full) xray::flush(std::chrono::seconds(10));
  }
}

int usage() {
  std::fprintf(stderr, "usage: bench_sdk_instructions OPERATION COUNT\noperations:\n");
  for (const Scenario& scenario : scenarios) std::fprintf(stderr, "  %s\n", scenario.name);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return usage();
  const Scenario* scenario = nullptr;
  for (const Scenario& each : scenarios) {
    if (std::strcmp(each.name, argv[1]) == 0) scenario = &each;
  }
  int count = 0;
  const char* const end = argv[2] + std::strlen(argv[2]);
  if (scenario == nullptr || std::from_chars(argv[2], end, count).ptr != end || count <= 0) {
    return usage();
  }

  auto discard = std::make_shared<Discard>();
  xray::Configuration configuration;
  configuration.emitter = discard;
  configuration.synchronous = scenario->synchronous;
  configuration.queue_capacity = scenario->queue_is_full ? 2 : 2048;
  configuration.log = [](std::string_view) {};
  if (xray::configure(configuration)) return 1;
#if defined(__x86_64__)
  // Valgrind's processor does not promise that its counter is steady; every real one of the last
  // fifteen years does, and that is the path to be counted.
  xray::detail::counter_is_steady = true;
#endif
  incoming = header_of(scenario->header);

  if (scenario->queue_is_full) {
    discard->hold();
    segment();
    discard->wait_until_inside();
    for (int i = 0; i < 4; ++i) segment();
  }
  run(*scenario, 256, false);
  run(*scenario, count, true);
  if (scenario->queue_is_full) {
    discard->let_go();
    if (xray::statistics().dropped_queue_full < static_cast<std::uint64_t>(count)) return 1;
  } else if (xray::statistics().dropped_queue_full != 0) {
    return 1;
  }
  xray::flush(std::chrono::seconds(10));
  return 0;
}
