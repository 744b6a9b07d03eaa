// What a sampling decision costs the request that asks for it, and what it costs to keep faults:
//
//     bench_sampling
//     AWS_XRAY_KEEP_FAULTS=1 bench_sampling --benchmark_filter=segment
//
// Times are CPU times of the benchmark's thread; `allocs` counts its allocations per iteration.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <xray/samplers.hpp>
#include <xray/xray.hpp>

#include "support/allocations.hpp"

namespace {

constexpr int rules = 20;

std::string path_of_rule(int rule) {
  return "/api/v1/service-" + std::to_string(rule) + "/*";
}

std::string local_rules() {
  std::string text = R"({"version":2,"rules":[)";
  for (int i = 0; i < rules; ++i) {
    text += (i == 0 ? "" : ",");
    text += R"({"host":"*.shop.example","http_method":")" + std::string(i % 2 == 0 ? "GET" : "*") +
            R"(","url_path":")" + path_of_rule(i) + R"(","fixed_target":0,"rate":0})";
  }
  return text + R"(],"default":{"fixed_target":0,"rate":0}})";
}

std::string central_rules() {
  const auto record = [](const std::string& name, int priority, const std::string& path,
                         const std::string& method) {
    return R"({"SamplingRule":{"RuleName":")" + name + R"(","Priority":)" +
           std::to_string(priority) +
           R"(,"ServiceName":"*","ServiceType":"*","Host":"*.shop.example",)" +
           R"("HTTPMethod":")" + method + R"(","URLPath":")" + path +
           R"(","ResourceARN":"*","FixedRate":0,"ReservoirSize":0,"Version":1,"Attributes":{}}},)";
  };
  std::string text = R"({"SamplingRuleRecords":[)";
  for (int i = 0; i < rules; ++i) {
    text += record("rule-" + std::to_string(i), i + 1, path_of_rule(i), i % 2 == 0 ? "GET" : "*");
  }
  text += record("Default", 10'000, "*", "*");
  text.back() = ']';
  return text + "}";
}

/// Answers every request with the central rules, as a daemon would.
class RulesDaemon {
 public:
  RulesDaemon() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        ::listen(socket_, 8) != 0) {
      std::perror("a socket on 127.0.0.1");
      std::exit(1);
    }
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    std::thread([this] { serve(); }).detach();
  }
  RulesDaemon(const RulesDaemon&) = delete;
  RulesDaemon& operator=(const RulesDaemon&) = delete;
  ~RulesDaemon() = default;  // with the process

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  [[noreturn]] void serve() const {
    const std::string body = central_rules();
    const std::string reply =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    while (true) {
      const int peer = ::accept(socket_, nullptr, nullptr);
      char request[4096];
      if (::recv(peer, request, sizeof request, 0) > 0) {
        [[maybe_unused]] const auto sent = ::send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
      }
      ::close(peer);
    }
  }

  int socket_;
  std::string address_;
};

/// Where the SDK's decisions come from: whatever the benchmark at hand wants.
class Switch : public xray::Sampler {
 public:
  xray::SamplingDecision decide(const xray::SamplingRequest& request) noexcept override {
    return now.load(std::memory_order_relaxed)->decide(request);
  }
  std::atomic<xray::Sampler*> now{nullptr};
};

class Discard : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {}
};

struct Samplers {
  std::shared_ptr<xray::Sampler> always = xray::samplers::always();
  std::shared_ptr<xray::Sampler> never = xray::samplers::never();
  std::shared_ptr<xray::Sampler> rate = xray::samplers::rate(0.05);
  std::shared_ptr<xray::Sampler> defaults = xray::samplers::default_rules();
  std::shared_ptr<xray::Sampler> local = xray::samplers::rules(local_rules()).sampler;
  std::shared_ptr<xray::Sampler> central;
  std::shared_ptr<Switch> in_use = std::make_shared<Switch>();
};

Samplers samplers;

/// A request that is the matter of no rule but the last, the Default.
xray::SamplingRequest request_of_no_rule() {
  xray::SamplingRequest request;
  request.service_name = "storefront";
  request.host = "www.shop.example";
  request.method = "GET";
  request.path = "/api/v1/service-99/items/4711";
  return request;
}

class Allocations {
 public:
  explicit Allocations(benchmark::State& state) : state_(&state), before_(support::allocations()) {}
  Allocations(const Allocations&) = delete;
  Allocations& operator=(const Allocations&) = delete;
  ~Allocations() {
    state_->counters["allocs"] = benchmark::Counter(
        static_cast<double>(support::allocations() - before_), benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State* state_;
  std::uint64_t before_;
};

void decide(benchmark::State& state, xray::Sampler& sampler) {
  const xray::SamplingRequest request = request_of_no_rule();
  const Allocations allocations(state);
  for (auto _ : state) benchmark::DoNotOptimize(sampler.decide(request));
}

void floor_coarse_clock(benchmark::State& state) {
  timespec now{};
  for (auto _ : state) {
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    benchmark::DoNotOptimize(now);
  }
}
BENCHMARK(floor_coarse_clock);

void decision_of_a_rate(benchmark::State& state) {
  decide(state, *samplers.rate);
}
BENCHMARK(decision_of_a_rate);

void decision_of_the_default_rules(benchmark::State& state) {
  decide(state, *samplers.defaults);
}
BENCHMARK(decision_of_the_default_rules);

void decision_by_20_local_rules(benchmark::State& state) {
  decide(state, *samplers.local);
}
BENCHMARK(decision_by_20_local_rules)->ThreadRange(1, 2);

void decision_by_20_central_rules(benchmark::State& state) {
  decide(state, *samplers.central);
}
BENCHMARK(decision_by_20_central_rules)->ThreadRange(1, 2);

void unsampled_segment(benchmark::State& state, xray::Sampler& sampler) {
  samplers.in_use->now = &sampler;
  const xray::SamplingRequest request = request_of_no_rule();
  const Allocations allocations(state);
  for (auto _ : state) {
    const xray::Segment segment("storefront", xray::TraceHeader(), request);
    benchmark::ClobberMemory();
  }
}

void segment_never_sampled(benchmark::State& state) {
  unsampled_segment(state, *samplers.never);
}
BENCHMARK(segment_never_sampled);

void segment_unsampled_by_20_central_rules(benchmark::State& state) {
  unsampled_segment(state, *samplers.central);
}
BENCHMARK(segment_unsampled_by_20_central_rules);

/// Under AWS_XRAY_KEEP_FAULTS it is recorded, and forgotten at its end.
void segment_of_eleven_never_sampled(benchmark::State& state) {
  samplers.in_use->now = samplers.never.get();
  const Allocations allocations(state);
  for (auto _ : state) {
    const xray::Segment segment("checkout");
    for (int i = 0; i < 10; ++i) {
      xray::Subsegment subsegment("inventory.example", xray::Namespace::remote);
      subsegment.add_annotation("customer", "c-17");
      subsegment.add_annotation("product", "lamp");
    }
  }
}
BENCHMARK(segment_of_eleven_never_sampled);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const RulesDaemon daemon;
  xray::samplers::CentralOptions options;
  options.daemon_address = daemon.address();
  options.fallback = samplers.always;
  samplers.central = xray::samplers::central(options);
  samplers.in_use->now = samplers.never.get();
  xray::Configuration configuration;
  configuration.sampler = samplers.in_use;
  configuration.emitter = std::make_shared<Discard>();
  if (const auto problem = xray::configure(configuration)) {
    std::fprintf(stderr, "bench_sampling: %s\n", problem.message.c_str());
    return 1;
  }
  // The fallback samples, the rules do not.
  while (samplers.central->decide(request_of_no_rule()).sampled) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
