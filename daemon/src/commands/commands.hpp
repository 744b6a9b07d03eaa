// `xrayd export`, `xrayd import` and `xrayd clear`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "commands/document_input.hpp"
#include "commands/peer.hpp"
#include "config/options.hpp"

namespace xrayd::commands {

/// What the program exits with.
enum Status : int {
  all_done = 0,
  /// Import: some documents were refused, or not all input could be read. Export: not all could be
  /// read or written.
  partly_done = 1,
  nothing_done = 2,
};

/// Does what options.command says, one of the three, and says on standard error what was done or
/// why not. Never throws.
[[nodiscard]] Status run(const config::Options& options) noexcept;

/// Where exported lines go.
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  /// Throws CommandError if it can't be written.
  virtual void write_line(std::string_view line) = 0;
  /// All is written. Throws CommandError if it isn't.
  virtual void finish() = 0;
};

struct ExportCounts {
  std::int64_t traces = 0;
  std::int64_t documents = 0;
};

/// Writes each document once, `counts` as it goes. Throws CommandError.
void export_documents(Peer& peer, const config::StoreCommandOptions& options, Output& output,
                      ExportCounts& counts);

struct ImportCounts {
  std::int64_t taken = 0;
  std::int64_t refused = 0;
  /// Segments that X-Ray inferred: the store infers them itself.
  std::int64_t inferred = 0;
  /// Of those taken: their traces began longer ago than the store's traces may be old.
  std::int64_t old = 0;
};

/// Takes documents from several inputs, and stores them by the megabyte.
class Importer {
 public:
  /// `complain` gets a line for each that is refused. `old_before` in seconds since 1970.
  Importer(Peer& peer, double old_before, std::function<void(const std::string&)> complain);

  /// `name` is for complaints. Throws CommandError where the peer fails.
  void read(std::istream& input, const std::string& name);
  /// Stores what is left. Throws CommandError.
  void finish();
  [[nodiscard]] const ImportCounts& counts() const noexcept { return counts_; }

 private:
  struct Waiting {
    std::string place;
    std::string text;
    bool old = false;
  };

  void take(InputItem&& item, const std::string& name);
  void refuse(const std::string& place, std::string_view why);

  Peer& peer_;
  double old_before_;
  std::function<void(const std::string&)> complain_;
  ImportCounts counts_;
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace xrayd::commands
