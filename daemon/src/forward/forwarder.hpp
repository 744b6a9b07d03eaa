// Sends what intake accepted to AWS.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "aws/credentials_source.hpp"
#include "aws/endpoints.hpp"
#include "aws/retry_policy.hpp"
#include "backlog/backlog.hpp"
#include "counter_row.hpp"
#include "intake/document_sink.hpp"
#include "intake/totals.hpp"
#include "net/http_client.hpp"

namespace xrayd::forward {

struct ForwarderSettings {
  backlog::BacklogSettings backlog;
  /// Requests at a time, at most; 1 to 64.
  int concurrency = 8;
  /// One attempt, the connection included; up to eight times as long while attempts time out.
  std::chrono::milliseconds request_timeout{2000};
  aws::RetryOptions retry;
  /// For telemetry.
  std::string resource_arn;
  std::string hostname;
  std::string instance_id;
  /// 0: none is sent, not even at the end.
  std::chrono::milliseconds telemetry_interval{60'000};
  std::string user_agent;
  std::function<intake::Totals()> intake;
};

class Forwarder : public intake::DocumentSink {
 public:
  /// Documents are taken from here on. Throws StartupError as Backlog does.
  Forwarder(ForwarderSettings settings, net::ClientFactory clients);
  ~Forwarder() override;

  void accept(std::span<const std::string_view> bodies) noexcept override;
  [[nodiscard]] bool has_room() const noexcept override;
  [[nodiscard]] std::size_t longest_body() const noexcept override;

  /// Begins to send. `credentials` must outlive this.
  void start(const aws::Endpoint& endpoint, aws::CredentialsSource& credentials);
  /// For telemetry, where it becomes known after the start.
  void set_instance(const std::string& hostname, const std::string& instance_id);

  /// Sends what is left, at most until the deadline; what then remains goes to the spool or is
  /// dropped and counted. Last the telemetry. Called once, after intake has ended.
  void drain(std::chrono::milliseconds deadline) noexcept;

  /// Empty while documents get through; otherwise one line that says why they don't.
  [[nodiscard]] std::string trouble() const;
  void report(CounterRows& rows) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::forward
