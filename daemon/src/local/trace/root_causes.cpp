#include "local/trace/root_causes.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "local/json/json.hpp"
#include "local/trace/failure_paths.hpp"
#include "local/trace/response_time_path.hpp"
#include "local/trace/root_cause_places.hpp"

namespace xrayd::local {
namespace {

bool is_call(const Entity& entity) {
  const auto name_space = text_member(*entity.json, "namespace");
  return name_space == "remote" || name_space == "aws";
}

// Makes causes of paths.
class CauseWriter {
 public:
  CauseWriter(const RootCausePlaces& places, const RecordLimits& limits, TraceRecord& record)
      : places_(places), limits_(limits), record_(record) {}

  RootCause write(std::span<const PathStep> path) {
    RootCause cause;
    RecordIndex last_segment = no_index;
    for (const PathStep& step : path) {
      if (step.inferred || step.segment != last_segment) {
        cause.services.push_back({places_.segment(step.segment).node, step.inferred, {}});
        last_segment = step.segment;
      }
      cause.services.back().path.push_back(write_entity(step));
    }
    return cause;
  }

  // They belong to who met with them: the last on the path that isn't inferred.
  void write_exceptions(std::span<const PathStep> path, RootCause& cause) {
    for (std::size_t services = cause.services.size(); services > 0; --services) {
      RootCauseService& service = cause.services[services - 1];
      if (service.inferred || service.path.empty()) continue;
      const auto last = std::find_if(path.rbegin(), path.rend(),
                                     [](const PathStep& step) { return !step.inferred; });
      service.path.back().exceptions = exceptions(places_.entity(last->entity));
      return;
    }
  }

 private:
  RootCauseEntity write_entity(const PathStep& step) {
    const Entity& entity = places_.entity(step.entity);
    RootCauseEntity result;
    result.name =
        kept_name(first_characters(text_member(*entity.json, "name").value_or(""),
                                   std::min(max_name_characters, limits_.text_characters)),
                  record_.nodes[places_.segment(step.segment).node].name);
    result.coverage = step.coverage;
    result.remote = step.inferred || is_call(entity);
    return result;
  }

  std::vector<RootCauseException> exceptions(const Entity& entity) {
    std::vector<RootCauseException> result;
    const auto* exceptions = exceptions_of(entity);
    if (exceptions == nullptr) return result;
    for (const auto& exception : exceptions->GetArray()) {
      if (!exception.IsObject()) continue;
      if (result.size() == max_root_cause_exceptions) {
        record_.truncated = true;
        break;
      }
      result.push_back(
          {kept(text_member(exception, "type")), kept(text_member(exception, "message"))});
    }
    return result;
  }

  // Segments mostly bear the names of their nodes.
  std::string_view kept_name(std::string_view name, std::string_view node) {
    return name == node ? node : record_.texts.keep(name);
  }

  std::string_view kept(std::optional<std::string_view> text) {
    return record_.texts.keep(first_characters(text.value_or(""), limits_.text_characters));
  }

  const RootCausePlaces& places_;
  const RecordLimits& limits_;
  TraceRecord& record_;
};

}  // namespace

const rapidjson::Value* exceptions_of(const Entity& entity) noexcept {
  const auto* cause = member(*entity.json, "cause");
  const auto* exceptions = cause == nullptr ? nullptr : member(*cause, "exceptions");
  const bool any = exceptions != nullptr && exceptions->IsArray() &&
                   std::any_of(exceptions->Begin(), exceptions->End(),
                               [](const rapidjson::Value& item) { return item.IsObject(); });
  return any ? exceptions : nullptr;
}

void find_root_causes(const TraceTree& tree, const EntityPlaces& places, const RecordLimits& limits,
                      TraceRecord& record) {
  const RootCausePlaces where(tree, places, record);
  CauseWriter writer(where, limits, record);
  const auto find_failures = [&](FailureKind kind, std::vector<RootCause>& causes) {
    causes.clear();
    for (const FailurePath& path : failure_paths(where, kind)) {
      if (path.cut || causes.size() == max_root_causes) record.truncated = true;
      if (causes.size() == max_root_causes) return;
      causes.push_back(writer.write(path.steps));
      causes.back().client_impacting = path.from_root;
      writer.write_exceptions(path.steps, causes.back());
    }
  };
  find_failures(FailureKind::fault, record.fault_causes);
  find_failures(FailureKind::error, record.error_causes);

  record.response_time_causes.clear();
  const auto path = response_time_path(where);
  if (path.empty()) return;
  if (path.size() == max_root_cause_entities) record.truncated = true;
  record.response_time_causes.push_back(writer.write(path));
  record.response_time_causes.back().client_impacting = true;
}

}  // namespace xrayd::local
