// The console's files: compiled in, or from a directory while it is being developed.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "web/request.hpp"
#include "web/response.hpp"

namespace xrayd::web {

struct ConsoleFile {
  /// `/`, `/app.js`, `/app.css`.
  std::string_view path;
  /// Its name in the console's directory.
  std::string_view name;
  std::string_view content_type;
  std::string_view content;
  /// Changes whenever the content does; a strong entity tag with its quotes.
  std::string_view etag;
};

/// What was compiled in.
[[nodiscard]] std::span<const ConsoleFile> console_files();

/// Answers GET for one file: 200, or 304 if the client has it already. Browsers ask again each
/// time and let the page load nothing from elsewhere. With a `directory` the file is read from
/// there, and 404 says which one is missing.
[[nodiscard]] Response console_response(const ConsoleFile& file, const Request& request,
                                        const std::filesystem::path& directory);

}  // namespace xrayd::web
