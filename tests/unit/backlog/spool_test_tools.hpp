// What the spool's tests share: a folder that goes with the test, its files, and waiting.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <stdlib.h>  // mkdtemp is POSIX

#include "backlog_test_tools.hpp"

namespace xrayd::backlog {

class SpoolFolder {
 public:
  SpoolFolder() {
    auto name = (std::filesystem::temp_directory_path() / "xrayd-unit-spool-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    root_ = name;
  }
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;
  ~SpoolFolder() {
    std::error_code error;
    std::filesystem::remove_all(root_, error);
  }

  /// Not there at first.
  [[nodiscard]] std::filesystem::path path() const { return root_ / "below" / "spool"; }

  [[nodiscard]] BacklogSettings settings() const {
    BacklogSettings settings = roomy();
    settings.spool_dir = path();
    return settings;
  }

  /// In order of their names.
  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path(), error)) {
      if (entry.path().extension() == ".spool") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

 private:
  std::filesystem::path root_;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  if (!file.flush()) throw std::runtime_error("can't write " + path.string());
}

/// For what another thread does soon.
template <class Condition>
[[nodiscard]] bool eventually(const Condition& condition) {
  const auto deadline = soon();
  while (!condition()) {
    if (Backlog::Clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

[[nodiscard]] inline bool all_is_spooled(const Backlog& backlog) {
  return eventually([&] { return counter(backlog, "xrayd_queue_documents") == 0; });
}

/// What a run left that accepted these and delivered none.
inline void leave(const BacklogSettings& settings, const std::vector<std::string>& documents) {
  Backlog backlog(settings);
  offer(backlog, documents);
  backlog.close();
  backlog.save(soon());
  if (dropped(backlog, "stop") != 0) throw std::runtime_error("not saved");
}

}  // namespace xrayd::backlog
