// Where this process runs, as plugins found out: what every segment says of it.
#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Immutable once published, and never freed: a segment may be being written.
struct Surroundings {
  std::string origin;  ///< such as AWS::ECS::Container; empty: unknown
  /// Members of a segment's `aws` block: key and finished JSON text.
  std::vector<std::pair<std::string, std::string>> aws;
};

XRAY_PROCESS_WIDE inline std::atomic<const Surroundings*> surroundings{nullptr};

}  // namespace detail
XRAY_NAMESPACE_END
