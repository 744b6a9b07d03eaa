// A backend that remembers what it was asked.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "local/backend.hpp"
#include "web/response.hpp"

namespace xrayd::web {

class FakeBackend : public local::Backend {
 public:
  void accept(std::span<const std::string_view> /*bodies*/) noexcept override {}
  [[nodiscard]] bool answers(std::string_view path) const noexcept override {
    return path == "/TraceSegments" || path == "/TraceSummaries" || path == "/GetSamplingRules";
  }
  [[nodiscard]] local::ApiAnswer call(std::string_view path,
                                      std::string_view body) noexcept override {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back(path, body);
    return answer;
  }
  [[nodiscard]] local::ApiAnswer ask(local::ConsoleQuestion question,
                                     const local::ConsoleParameters& parameters) noexcept override {
    const std::lock_guard lock(mutex_);
    questions_.emplace_back(question, parameters);
    return answer;
  }
  [[nodiscard]] local::ApiAnswer clear() noexcept override {
    const std::lock_guard lock(mutex_);
    ++clears_;
    return answer;
  }
  [[nodiscard]] int clears() {
    const std::lock_guard lock(mutex_);
    return clears_;
  }
  void drain(std::chrono::milliseconds /*deadline*/) noexcept override {}
  [[nodiscard]] std::string trouble() const override { return trouble_text; }
  void report(CounterRows& /*rows*/) const override {}

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  [[nodiscard]] std::vector<std::pair<local::ConsoleQuestion, local::ConsoleParameters>>
  questions() {
    const std::lock_guard lock(mutex_);
    return questions_;
  }

  local::ApiAnswer answer{200, "", "{}"};
  std::string trouble_text;

 private:
  std::mutex mutex_;
  int clears_ = 0;
  std::vector<std::pair<std::string, std::string>> calls_;
  std::vector<std::pair<local::ConsoleQuestion, local::ConsoleParameters>> questions_;
};

[[nodiscard]] inline std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "(none)";
}

}  // namespace xrayd::web
