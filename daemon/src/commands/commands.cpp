#include "commands/commands.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <system_error>

#include "commands/file_output.hpp"
#include "config/log.hpp"
#include "local/json/json.hpp"

namespace xrayd::commands {
namespace {

void say(const std::string& text) {
  std::fputs((log::printable(text) + "\n").c_str(), stderr);
}

/// `1 document`, `2 documents`.
std::string counted(std::int64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

// ---- export ------------------------------------------------------------------------------------

Status run_export(const config::Options& options) {
  const auto& told = options.store_command;
  if (told.start && told.end && *told.end < *told.start) {
    throw CommandError("--end is before --start");
  }
  const auto peer = find_peer(options, false);
  FileOutput output(told.output);
  ExportCounts counts;
  try {
    export_documents(*peer, told, output, counts);
  } catch (const CommandError& problem) {
    if (counts.documents == 0) throw;
    say(std::string("xrayd export: ") + problem.what() + "; " +
        counted(counts.documents, "document") + " came before that");
    return partly_done;
  }
  say("exported " + counted(counts.documents, "document") + " of " +
      counted(counts.traces, "trace") + " from " + peer->name());
  return all_done;
}

// ---- import ------------------------------------------------------------------------------------

/// False if the file can't be opened or read to its end.
bool read_file(Importer& importer, const std::filesystem::path& file) {
  if (file == "-") {
    importer.read(std::cin, "standard input");
    return !std::cin.bad();
  }
  std::error_code ignored;
  std::ifstream stream;
  if (std::filesystem::is_directory(file, ignored)) {
    errno = EISDIR;
  } else {
    stream.open(file, std::ios::binary);
  }
  if (stream.is_open()) {
    importer.read(stream, file.string());
    if (!stream.bad()) return true;
  }
  say(file.string() + ": can't be read: " + std::generic_category().message(errno));
  return false;
}

void say_counts(const ImportCounts& counts, const config::Options& options,
                const std::string& peer) {
  std::string text = counted(counts.taken, "document") + " taken by " + peer;
  if (counts.refused > 0) text += ", " + std::to_string(counts.refused) + " refused";
  say(text);
  if (counts.inferred > 0) {
    say(counted(counts.inferred, "inferred segment") +
        " left out: the store makes them from the calls that they stand for");
  }
  if (counts.old == 0) return;
  const auto age = std::chrono::duration_cast<std::chrono::hours>(options.local.retention_age);
  say(std::to_string(counts.old) + " of them belong to traces that began more than " +
      counted(age.count(), "hour") +
      " ago (--retention-age): they stay as long as traces that come now, and are found by the "
      "time in their ids");
}

Status run_import(const config::Options& options) {
  const auto peer = find_peer(options, true);
  const auto began = std::chrono::system_clock::now() - options.local.retention_age;
  const std::chrono::duration<double> old_before = began.time_since_epoch();
  Importer importer(*peer, old_before.count(), &say);
  bool well = true;
  try {
    if (options.store_command.files.empty()) {
      well = read_file(importer, "-");
    }
    for (const auto& file : options.store_command.files) {
      well = read_file(importer, file) && well;
    }
    importer.finish();
  } catch (const CommandError& problem) {
    if (importer.counts().taken == 0) throw;
    say(std::string("xrayd import: ") + problem.what());
    well = false;
  }
  const ImportCounts& counts = importer.counts();
  say_counts(counts, options, peer->name());
  if (well && counts.refused == 0) return all_done;
  return counts.taken + counts.inferred > 0 ? partly_done : nothing_done;
}

// ---- clear -------------------------------------------------------------------------------------

bool is_confirmed(const std::string& peer) {
  if (::isatty(STDIN_FILENO) == 0) throw CommandError("nobody is there to be asked: give --yes");
  std::fputs(("Remove all traces of " + log::printable(peer) + "? [y/N] ").c_str(), stderr);
  std::string line;
  std::getline(std::cin, line);
  return line == "y" || line == "Y" || line == "yes";
}

Status run_clear(const config::Options& options) {
  const auto peer = find_peer(options, false);
  if (!options.store_command.yes && !is_confirmed(peer->name())) {
    throw CommandError("nothing was removed");
  }
  const std::string answer = peer->post("/console/api/v1/clear", "{}");
  constexpr std::size_t deepest = 10;
  local::ParsedJson parsed;
  if (local::ParsedJson::parse(answer, deepest, parsed) != local::JsonFault::none) {
    throw CommandError("an answer makes no sense");
  }
  const auto traces = local::number_member(parsed.value(), "Traces").value_or(0);
  const auto bytes = local::number_member(parsed.value(), "Bytes").value_or(0);
  constexpr double kibibyte = 1024;
  say("removed " + counted(static_cast<std::int64_t>(traces), "trace") + ", " +
      std::to_string(static_cast<std::int64_t>(bytes / kibibyte)) + " KiB, from " + peer->name());
  return all_done;
}

Status dispatch(const config::Options& options) {
  if (options.command == config::Command::export_traces) return run_export(options);
  if (options.command == config::Command::import_traces) return run_import(options);
  return run_clear(options);
}

}  // namespace

Status run(const config::Options& options) noexcept {
  try {
    log::Settings settings;
    settings.level = log::Level::warn;
    settings.standard_error = true;
    log::configure(settings);
    return dispatch(options);
  } catch (const std::exception& problem) {
    say(std::string("xrayd: ") + problem.what());
    return nothing_done;
  }
}

}  // namespace xrayd::commands
