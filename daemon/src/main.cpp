// xrayd: reads what it is told, then runs, examines itself, looks after its store, or says why it
// can't.
#include <sys/stat.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <variant>

#include "app/daemon.hpp"
#include "app/doctor.hpp"
#include "app/signals.hpp"
#include "commands/commands.hpp"
#include "config/command_line.hpp"
#include "config/log.hpp"
#include "read_environment.hpp"
#include "service_manager/notifier.hpp"
#include "startup_error.hpp"

namespace xrayd {
namespace {

/// In the words that scripts know from the daemon before this one.
void say_what_holds(const config::Options& options) {
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
  constexpr std::uint64_t buffers_a_mebibyte = 16;
  const std::uint64_t megabytes = options.queue_bytes / mebibyte;
  log::info("Initializing AWS X-Ray daemon 3.6.6 (xrayd " XRAYD_VERSION ")");
  log::info("Using buffer memory limit of " + std::to_string(megabytes) + " MB");
  log::info(std::to_string(megabytes * buffers_a_mebibyte) + " segment buffers allocated");
  for (const config::Remark& remark : options.remarks) log::write(remark.level, remark.text);
}

int run(const config::Options& options) {
  const app::Signals signals;
  const auto manager = service_manager::take_manager_variables();
  log::configure(options.log);
  // Traces hold what users did: what is written from here on is the owner's alone, the log is not.
  umask(077);
  try {
    say_what_holds(options);
    app::Daemon(options).run(signals, manager);
  } catch (const StartupError& problem) {
    if (!options.log.file.empty()) log::error(problem.what());
    std::fputs(log::line(log::Level::error, problem.what()).c_str(), stderr);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace xrayd

int main(int argc, char** argv) {
  // Ignored by whoever starts us, it would take away the exit status of programs that we start.
  std::signal(SIGCHLD, SIG_DFL);
  try {
    const auto parsed = xrayd::config::parse_command_line(
        std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1),
        xrayd::read_environment);
    if (const auto* exit = std::get_if<xrayd::config::EarlyExit>(&parsed)) {
      return xrayd::config::leave(*exit);
    }
    const auto& options = std::get<xrayd::config::Options>(parsed);
    if (options.command == xrayd::config::Command::doctor) return xrayd::app::examine(options);
    if (options.command != xrayd::config::Command::run) return xrayd::commands::run(options);
    return xrayd::run(options);
  } catch (const xrayd::StartupError& problem) {
    std::fputs(xrayd::log::line(xrayd::log::Level::error, problem.what()).c_str(), stderr);
    return EXIT_FAILURE;
  } catch (const std::exception& problem) {
    const std::string line = "xrayd: " + xrayd::log::printable(problem.what()) + "\n";
    std::fputs(line.c_str(), stderr);
    return EXIT_FAILURE;
  }
}
