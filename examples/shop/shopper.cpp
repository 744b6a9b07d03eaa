// shopper: sends a believable mix of requests to the storefront and counts the answers.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "command_line.hpp"
#include "http_client.hpp"

namespace {

std::atomic<bool> stopped{false};
static_assert(std::atomic<bool>::is_always_lock_free, "it is written by a signal handler");

void stop(int) {
  stopped = true;
}

struct Errand {
  const char* method;
  const char* path;
  const char* customer;
};

// Each round is these twenty in another order, so that twenty requests show everything.
constexpr std::array<Errand, 20> errands{{
    {"GET", "/", "c-1"},
    {"GET", "/", "c-2"},
    {"GET", "/", "c-17"},
    {"GET", "/products/desk-lamp", "c-1"},
    {"GET", "/products/desk-lamp", "c-3"},
    {"GET", "/products/teapot", "c-2"},
    {"GET", "/products/teapot", "c-17"},
    {"GET", "/products/notebook", "c-4"},
    {"GET", "/products/notebook", "c-5"},
    {"GET", "/bestsellers", "c-5"},             // slow
    {"GET", "/products/flying-carpet", "c-6"},  // 404
    {"GET", "/products/antique-clock", "c-7"},  // 500: an exception with a cause, inventory
    {"POST", "/orders/notebook", "c-13"},       // 500: the same, storefront
    {"POST", "/orders/desk-lamp", "c-1"},
    {"POST", "/orders/teapot", "c-2"},
    {"POST", "/orders/notebook", "c-4"},
    {"POST", "/orders/notebook", "c-17"},
    {"POST", "/orders/gold-teapot", "c-3"},  // the first is served ...
    {"POST", "/orders/gold-teapot", "c-6"},  // ... and then 429
    {"POST", "/orders/gold-teapot", "c-17"},
}};

class Tally {
 public:
  void add(const std::string& outcome, std::chrono::steady_clock::duration took) {
    ++counts_[outcome];
    slowest_ = std::max(slowest_, took);
  }

  void print() const {
    int total = 0;
    for (const auto& [outcome, count] : counts_) {
      std::cout << outcome << ": " << count << '\n';
      total += count;
    }
    const auto slowest = std::chrono::duration_cast<std::chrono::milliseconds>(slowest_);
    std::cout << "requests: " << total << ", slowest: " << slowest.count() << " ms" << std::endl;
  }

  bool anything_answered() const { return counts_.size() > counts_.count("no answer"); }

 private:
  std::map<std::string, int> counts_;
  std::chrono::steady_clock::duration slowest_{};
};

class Shopper {
 public:
  Shopper(std::string storefront, std::uint32_t seed)
      : storefront_(std::move(storefront)), random_(seed) {}

  void send_next(Tally& tally) {
    const Errand errand = next();
    const auto start = std::chrono::steady_clock::now();
    std::string outcome;
    try {
      const auto answer =
          client_.send(errand.method, storefront_ + errand.path,
                       {std::string("X-Customer: ") + errand.customer, "User-Agent: shopper/1.0"});
      outcome = std::to_string(answer.status);
    } catch (const std::exception& problem) {
      std::cerr << problem.what() << std::endl;
      outcome = "no answer";
    }
    tally.add(outcome, std::chrono::steady_clock::now() - start);
  }

 private:
  Errand next() {
    if (round_.empty()) {
      round_.assign(errands.begin(), errands.end());
      std::shuffle(round_.begin(), round_.end(), random_);
    }
    const Errand errand = round_.back();
    round_.pop_back();
    return errand;
  }

  std::string storefront_;
  std::mt19937 random_;
  std::vector<Errand> round_;
  shop::HttpClient client_;
};

}  // namespace

int main(int argc, char** argv) {
  try {
    constexpr auto any = std::numeric_limits<std::uint32_t>::max();
    const shop::CommandLine options(argc, argv, {"--storefront", "--requests", "--rate", "--seed"},
                                    {"--forever"});
    const bool forever = options.has("--forever");
    const std::uint32_t requests = options.number("--requests", 100, any);
    const std::uint32_t rate = options.number("--rate", 20, 10000);
    Shopper shopper(options.text("--storefront"), options.number("--seed", 1, any));
    const auto pause = std::chrono::microseconds(std::chrono::seconds(1)) / std::max(rate, 1U);

    std::signal(SIGINT, stop);
    std::signal(SIGTERM, stop);
    Tally tally;
    for (std::uint32_t sent = 0; (forever || sent < requests) && !stopped; ++sent) {
      if (sent != 0) std::this_thread::sleep_for(pause);
      shopper.send_next(tally);
    }
    tally.print();
    return tally.anything_answered() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& problem) {
    std::cerr << "shopper: " << problem.what() << std::endl;
    return EXIT_FAILURE;
  }
}
