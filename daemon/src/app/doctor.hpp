// `xrayd doctor`: looks whether all that the daemon needs is there.
#pragma once

#include "config/options.hpp"

namespace xrayd::app {

/// Looks at what the daemon would use with these options and prints a line for each: the addresses,
/// the socket's buffer, and for AWS region, endpoint, credentials and whether X-Ray takes a signed
/// request (one without segments). Needs some seconds at most. 0 if a daemon could do its work, 1
/// otherwise. Prints neither secrets nor what a URL has besides its host.
[[nodiscard]] int examine(const config::Options& options);

}  // namespace xrayd::app
