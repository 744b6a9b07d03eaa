// Any requests, one after the other, of all the API's operations: each is answered with a JSON
// object, or refused as the caller's fault with words. Each line is one request, its first byte the
// operation.
#include <stdlib.h>  // mkdtemp is POSIX

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "config/log.hpp"
#include "local/api/api_error.hpp"
#include "local/api/operation.hpp"
#include "local/api/routes.hpp"

namespace {

using namespace xrayd::local;

void check(bool good) {
  if (!good) std::abort();
}

std::int64_t now_ms() {
  return 1'700'000'000'000;
}

/// A folder that goes with the program.
class Folder {
 public:
  Folder() {
    auto name = (std::filesystem::temp_directory_path() / "xrayd-fuzz-api-XXXXXX").string();
    check(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// Everything that operations work with. What requests leave behind stays for the next ones.
struct Parts {
  Folder folder;
  Store store{{folder.path(), min_retention_bytes, std::chrono::hours{1}, now_ms}};
  IngestCounters counters;
  Ingest ingest{store, counters, std::uint64_t{1} << 20U};
  Sampling sampling{{folder.path() / "sampling.db", {}, std::chrono::seconds{10}, now_ms}};
  Account account{{folder.path() / "account.db", now_ms}};
  api::TraceRetrievals retrievals;
};

void check_object(const std::string& text) {
  ParsedJson json;
  check(ParsedJson::parse(text, 100, json) == JsonFault::none && json.value().IsObject());
}

void call(api::Operation operation, Parts& parts, bool strict, const rapidjson::Value& request) {
  const api::Questions questions{parts.store, parts.retrievals, group_filters(parts.account),
                                 strict};
  api::Services services{parts.ingest, parts.counters, parts.sampling, parts.account, questions};
  try {
    check_object(operation(services, request));
  } catch (const api::ApiError& error) {
    const auto answer = error.answer();
    check(answer.status >= 400 && answer.status < 500 && !answer.error_type.empty());
    check_object(answer.body);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  xrayd::log::set_level(xrayd::log::Level::error);
  static Parts parts;
  const auto all = api::routes();
  std::string_view input(reinterpret_cast<const char*>(data), size);
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = input.substr(0, end);
    ParsedJson request;
    if (!line.empty() && ParsedJson::parse(line.substr(1), 100, request) == JsonFault::none &&
        request.value().IsObject()) {
      const auto first = static_cast<std::uint8_t>(line[0]);
      const bool strict = first / all.size() % 2 == 1;
      call(all[first % all.size()].operation, parts, strict, request.value());
    }
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  check(parts.account.state()->groups.all().size() <= Groups::max_groups);
  check(parts.account.state()->policies.all().size() <= ResourcePolicies::max_policies);
  return 0;
}
