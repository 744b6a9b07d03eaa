// Everything by which this daemon speaks to AWS, put together.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "config/options.hpp"
#include "counter_row.hpp"
#include "credentials/keeper.hpp"
#include "credentials/region_finder.hpp"
#include "forward/forwarder.hpp"
#include "forward/sampling_proxy.hpp"
#include "intake/totals.hpp"
#include "net/http_client.hpp"
#include "web/request.hpp"
#include "web/response.hpp"

namespace xrayd::app {

/// What the network is told, from the options.
[[nodiscard]] net::NetworkSettings network_settings(const config::Options& options);
/// What finds region and credentials, from the options. `network` must outlive the result.
[[nodiscard]] credentials::RegionQuestion region_question(const config::Options& options,
                                                          const net::Network& network);
[[nodiscard]] credentials::KeeperSettings keeper_settings(const config::Options& options,
                                                          const net::Network& network);
/// X-Ray's endpoint: the option's or the region's own. Throws aws::EndpointError.
[[nodiscard]] aws::Endpoint xray_endpoint(const config::Options& options,
                                          const std::string& region);

/// The region, with complaints in the log. Throws StartupError in the words that scripts know.
[[nodiscard]] std::string region_of(const credentials::RegionQuestion& question);

class AwsSide {
 public:
  /// Takes documents from here on, and keeps them. Throws StartupError for what can't be used:
  /// proxy, certificates, spool. `intake` is called until drain() is over.
  AwsSide(const config::Options& options, std::function<intake::Totals()> intake);
  AwsSide(const AwsSide&) = delete;
  AwsSide& operator=(const AwsSide&) = delete;
  ~AwsSide();

  [[nodiscard]] intake::DocumentSink& sink() { return forwarder_; }

  /// Finds region and endpoint, which may take the metadata services' time, and begins to send.
  /// Throws StartupError if there is no region, or none before `stop`. Documents don't wait for it.
  void connect(std::stop_token stop);

  /// What AWS answers a sampling call; nothing for a request that is not passed on.
  [[nodiscard]] std::optional<web::Response> pass_on(const web::Request& request);

  /// Ends the calls that are being passed on.
  void stop_passing() noexcept { proxy_.stop(); }
  /// As Forwarder::drain().
  void drain(std::chrono::milliseconds deadline) noexcept { forwarder_.drain(deadline); }

  /// Empty, or why documents don't get through.
  [[nodiscard]] std::string trouble() const;
  void report(CounterRows& rows) const;

 private:
  const config::Options& options_;
  net::Network network_;
  credentials::Keeper keeper_;
  forward::Forwarder forwarder_;
  forward::SamplingProxy proxy_;
  /// Asks EC2 who it is, for telemetry.
  std::optional<credentials::InstanceLookUp> instance_;
};

}  // namespace xrayd::app
