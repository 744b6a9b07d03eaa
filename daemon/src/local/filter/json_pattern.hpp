// `rootcause.json = #[...]`: root causes as summaries show them, with what matters only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "local/trace/trace_record.hpp"

namespace xrayd::local::filters {

/// Members that the JSON lacks, or that are null there, are absent here and match anything.
struct ExceptionPattern {
  std::optional<std::string> name;
  std::optional<std::string> message;
};

struct EntityPattern {
  std::optional<std::string> name;
  std::optional<double> coverage;
  std::optional<bool> remote;
  std::optional<std::vector<ExceptionPattern>> exceptions;
};

struct ServicePattern {
  std::optional<std::string> name;
  /// Each must be a name of the service.
  std::vector<std::string> names;
  std::optional<std::string> type;
  std::optional<std::string> account;
  std::optional<bool> inferred;
  std::optional<std::vector<EntityPattern>> path;
};

struct CausePattern {
  std::optional<bool> client_impacting;
  std::optional<std::vector<ServicePattern>> services;
};

/// Immutable. Lists within a root cause match lists of the same length, entry by entry; of the list
/// of root causes itself, each entry must be found among those of the trace.
class JsonPattern {
 public:
  /// An array of root causes, or one. Else: what is wrong, in a few words.
  [[nodiscard]] static std::variant<JsonPattern, std::string> parse(std::string_view json);

  [[nodiscard]] const std::vector<CausePattern>& causes() const noexcept { return causes_; }

 private:
  std::vector<CausePattern> causes_;
};

/// Whether `cause`, one of the record's, looks like the pattern. `account` is that of nodes that
/// name none.
[[nodiscard]] bool looks_like(const CausePattern& pattern, const RootCause& cause,
                              const TraceRecord& record, std::string_view account) noexcept;

}  // namespace xrayd::local::filters
