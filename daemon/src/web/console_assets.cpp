#include "web/console_assets.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace xrayd::web {
namespace {

/// A list of tags, or `*`; a proxy may have weakened ours.
bool is_known_to(const std::string& if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string::npos;
}

}  // namespace

Response console_response(const ConsoleFile& file, const Request& request,
                          const std::filesystem::path& directory) {
  Response response;
  response.content_type = file.content_type;
  response.headers = {
      {"Cache-Control", "no-cache"},
      {"Content-Security-Policy",
       "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"},
  };
  if (!directory.empty()) {
    std::ifstream in(directory / file.name, std::ios::binary);
    if (!in)
      return text_response(404, "no " + std::string(file.name) + " in the console's directory");
    response.body.assign(std::istreambuf_iterator<char>(in), {});
    return response;
  }
  response.headers.emplace_back("ETag", file.etag);
  if (is_known_to(request.if_none_match, file.etag)) {
    response.status = 304;
  } else {
    response.body = file.content;
  }
  return response;
}

}  // namespace xrayd::web
