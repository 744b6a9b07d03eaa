#include "config/command_flags.hpp"

#include <array>
#include <chrono>
#include <string>

#include "config/moment.hpp"
#include "config/value_readers.hpp"

namespace xrayd::config {
namespace {

double moment_of(std::string_view text) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return moment(text, now.count());
}

/// A URL, or `host:port` as the daemon itself takes it.
std::string daemon_url(std::string_view text) {
  if (text.find("://") != text.npos) return endpoint(text);
  const Address address = listen_address(text);
  return endpoint("http://" +
                  to_string({address.host.empty() ? "127.0.0.1" : address.host, address.port}));
}

void set_address(StoreCommandOptions& options, std::string_view value) {
  options.address = daemon_url(value);
}

constexpr const char* address_meaning =
    "go to the daemon at this address, such as 127.0.0.1:2000, instead of the data directory's";

constexpr std::array<CommandFlag, 8> flags = {{
    {Command::export_traces, "--address", "ADDRESS", address_meaning, set_address},
    {Command::export_traces, "--filter", "EXPRESSION", "only traces that this filter takes",
     [](StoreCommandOptions& o, std::string_view v) { o.filter = v; }},
    {Command::export_traces, "--start", "TIME",
     "only traces from this time on: 2026-11-22T15:12:41Z, seconds since 1970, or 2h: so long ago",
     [](StoreCommandOptions& o, std::string_view v) { o.start = moment_of(v); }},
    {Command::export_traces, "--end", "TIME", "only traces from before this time",
     [](StoreCommandOptions& o, std::string_view v) { o.end = moment_of(v); }},
    {Command::export_traces, "-o,--output", "FILE",
     "write here, not to standard output; a file that is there is replaced when all is written",
     [](StoreCommandOptions& o, std::string_view v) { o.output = path_value(v); }},
    {Command::import_traces, "--address", "ADDRESS", address_meaning, set_address},
    {Command::clear_traces, "--address", "ADDRESS", address_meaning, set_address},
    {Command::clear_traces, "-y,--yes", "", "don't ask",
     [](StoreCommandOptions& o, std::string_view v) { o.yes = boolean(v); }},
}};

}  // namespace

std::span<const CommandFlag> command_flags() {
  return flags;
}

}  // namespace xrayd::config
