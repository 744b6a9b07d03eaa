// Who a command asks: the daemon that runs, or the store itself where none does.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/options.hpp"

namespace xrayd::commands {

/// A command can't go on; what() says why, without secrets.
class CommandError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Answer {
  int status = 0;
  std::string body;
};

class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  /// One exchange as over HTTP; `target` is a path with its query. A daemon that is busy is asked
  /// again for a while. Throws CommandError if there is no answer, or one that no command can use:
  /// then with the reason that it gives.
  [[nodiscard]] std::string get(const std::string& target);
  [[nodiscard]] std::string post(const std::string& target, std::string_view body);

  /// For people: `the daemon at 127.0.0.1:2000`.
  [[nodiscard]] virtual std::string name() const = 0;

 private:
  [[nodiscard]] virtual Answer exchange(std::string_view method, const std::string& target,
                                        std::string_view body) = 0;
  [[nodiscard]] std::string ask(std::string_view method, const std::string& target,
                                std::string_view body);
};

/// The daemon at `--address`; else the one that has the data directory; else the directory, opened
/// here with nothing removed for age or size. Throws CommandError, also where that directory has no
/// store, unless one `may_be_made`.
[[nodiscard]] std::unique_ptr<Peer> find_peer(const config::Options& options, bool may_be_made);

}  // namespace xrayd::commands
