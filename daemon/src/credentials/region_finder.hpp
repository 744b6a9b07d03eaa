// Asks files and metadata services which region this is.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "aws/region.hpp"
#include "credentials/keeper.hpp"

namespace xrayd::credentials {

struct RegionQuestion {
  Environment environment;
  net::ClientFactory clients;
  /// `-n` or Region; empty: not given.
  std::string option;
  bool local_mode = false;
  std::string profile;
  /// ECS and EC2 together; they are asked at the same time.
  std::chrono::milliseconds patience{4000};
  /// Ends find_region(), which has then found nothing.
  std::stop_token stop;
};

/// aws::choose_region() with what it needs fetched, and only that: nothing is asked of the network
/// where an option or a variable tells. Throws aws::EndpointError as that does.
[[nodiscard]] aws::RegionChoice find_region(const RegionQuestion& question);

/// Where telemetry says that it comes from.
struct Instance {
  /// AWS_HOSTNAME, else EC2's metadata; may be empty.
  std::string hostname;
  /// AWS_INSTANCE_ID, else EC2's metadata; may be empty.
  std::string id;
};
/// Asks EC2 for what the environment has not, unless in local mode. Quiet where there is none.
[[nodiscard]] Instance find_instance(const RegionQuestion& question);

/// find_instance() on a thread of its own, which `found` is called on. Gives up when it goes: an
/// end does not wait for a service that hangs.
class InstanceLookUp {
 public:
  /// Throws std::system_error if there is no thread to be had.
  InstanceLookUp(RegionQuestion question, std::function<void(const Instance&)> found);
  ~InstanceLookUp();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace xrayd::credentials
