// Why the daemon could not start.
#pragma once

#include <stdexcept>

namespace xrayd {

/// Thrown while the daemon is being put together; main() prints what() as one line and exits 1.
/// The text names the thing at fault (address, path, option) and what the system said of it.
class StartupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace xrayd
