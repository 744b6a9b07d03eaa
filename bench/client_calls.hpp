// What the benchmarks of patched clients have in common.
#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <xray/patch.hpp>
#include <xray/xray.hpp>

namespace bench {

enum class How { unpatched, no_segment, unsampled, sampled };

constexpr const char* short_statement = "SELECT 1";
constexpr const char* typical_statement =
    "SELECT id, name, price, stock FROM products WHERE category = 'lamps' AND price < 100";

/// What is recorded is written and forgotten. Throws where the environment is wrong.
inline void discard_documents() {
  class Nowhere : public xray::Emitter {
   public:
    void emit(std::string_view /*document*/) noexcept override {}
  };
  xray::Configuration configuration;
  configuration.emitter = std::make_shared<Nowhere>();
  configuration.queue_capacity = 65'536;
  if (xray::configure(configuration)) throw std::runtime_error("not configured");
}

/// Patched or not as long as it lives.
class Patched {
 public:
  Patched(std::string_view client, How how) : is_patched_(how != How::unpatched) {
    if (is_patched_ && !xray::patch({client}).hooked(client)) {
      throw std::runtime_error("not patched");
    }
  }
  Patched(const Patched&) = delete;
  Patched& operator=(const Patched&) = delete;
  ~Patched() {
    if (is_patched_) xray::unpatch_all();
  }

 private:
  bool is_patched_;
};

/// A segment or none: another one every so often, as its memory grows.
class Around {
 public:
  explicit Around(How how) : how_(how) { renew(); }

  void renew() {
    end();
    if (how_ == How::unsampled) segment_.emplace("s", xray::TraceHeader::parse("Sampled=0"));
    if (how_ == How::sampled) segment_.emplace("s", xray::TraceHeader::parse("Sampled=1"));
  }
  void end() { segment_.reset(); }

 private:
  How how_;
  std::optional<xray::Segment> segment_;
};

constexpr int calls_a_segment = 20;

/// Calls whose figures are those of items, with their share of a segment.
template <typename Call>
void measure(benchmark::State& state, How how, Call&& call) {
  Around around(how);
  for (auto _ : state) {
    for (int i = 0; i < calls_a_segment; ++i) call();
    around.renew();
  }
  state.SetItemsProcessed(state.iterations() * calls_a_segment);
}

inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Times `call` some thousand times at once, a segment for each 64 of them, off the clock as all
/// that is written in between. `ns_each` is the CPU time of the calling thread a call.
template <typename Call>
void measure_calls_alone(benchmark::State& state, How how, Call&& call) {
  constexpr int segments = 64;
  constexpr int calls = 64;
  double seconds = 0;
  for (auto _ : state) {
    double spent = 0;
    for (int s = 0; s < segments; ++s) {
      const Around around(how);
      const double begin = thread_seconds();
      for (int i = 0; i < calls; ++i) call();
      spent += thread_seconds() - begin;
    }
    state.SetIterationTime(spent);
    seconds += spent;
    xray::flush(std::chrono::seconds(10));
  }
  state.counters["ns_each"] =
      seconds * 1e9 / (static_cast<double>(state.iterations()) * segments * calls);
}

}  // namespace bench
