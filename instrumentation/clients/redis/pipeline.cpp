#include "clients/redis/pipeline.hpp"

#include <xray/json_builder.hpp>

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "clients/call.hpp"
#include "clients/handle_map.hpp"
#include "clients/never_destroyed.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {
namespace {

constexpr std::string_view metadata = "redis";

struct Counted {
  CommandName name;
  unsigned times = 0;
};

/// How often each command was appended; from some number of different ones on they are counted
/// together, under no name.
class CommandCounts {
 public:
  void add(const CommandName& name) noexcept {
    for (std::size_t i = 0; i < used_; ++i) {
      if (counts_[i].name == name) {
        ++counts_[i].times;
        return;
      }
    }
    if (used_ == counts_.size()) {
      ++others_;
      return;
    }
    counts_[used_].name = name;
    counts_[used_++].times = 1;
  }

  /// The name that all have; empty where they differ.
  [[nodiscard]] std::string_view only_name() const noexcept {
    return used_ == 1 ? counts_[0].name.view() : std::string_view();
  }

  [[nodiscard]] JsonObject json() const noexcept {
    JsonObject object;
    unsigned others = others_;
    for (std::size_t i = 0; i < used_; ++i) {
      if (counts_[i].name.empty()) {
        others += counts_[i].times;
      } else {
        object.add(counts_[i].name.view(), counts_[i].times);
      }
    }
    if (others != 0) object.add("other", others);
    return object;
  }

 private:
  std::array<Counted, 8> counts_;
  std::size_t used_ = 0;
  unsigned others_ = 0;
};

/// Its subsegment ends with it, and says what became of it then: also where it is forgotten, as the
/// hooks were taken away.
struct Pipeline {
  explicit Pipeline(Subsegment begun) noexcept : subsegment(std::move(begun)) {}
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline() { describe(); }

  void describe() noexcept;

  Subsegment subsegment;
  CommandCounts commands;
  unsigned appended = 0;
  unsigned answered = 0;
  unsigned refused = 0;
  Answer worst;  ///< the first refusal, or the loss of the connection
};

void Pipeline::describe() noexcept {
  const std::string_view only = commands.only_name();
  if (appended == 1) {
    set_command(subsegment, only);
  } else {
    set_command(subsegment, only.empty() ? std::string_view("PIPELINE") : only);
    subsegment.add_metadata("commands", appended, metadata);
    subsegment.add_metadata("by_name", commands.json(), metadata);
    if (refused != 0) subsegment.add_metadata("refused", refused, metadata);
  }
  if (answered != appended) {
    subsegment.add_metadata("unanswered", appended - answered, metadata);
  }
  set_answer(subsegment, worst);
}

using Pipelines = HandleMap<std::unique_ptr<Pipeline>>;

Pipelines& pipelines() noexcept {
  static NeverDestroyed<Pipelines> map;
  return *map;
}

}  // namespace

bool no_pipelines() noexcept {
  return pipelines().empty();
}

void command_appended(const void* context, const Endpoint& endpoint,
                      const CommandName& name) noexcept {
  if (opens_stream(name)) return;
  const auto count = [&name](std::unique_ptr<Pipeline>& pipeline) {
    ++pipeline->appended;
    pipeline->commands.add(name);
  };
  if (pipelines().with(context, count) || tracing() != Tracing::sampled) return;
  std::optional<Subsegment> subsegment = begin_command(endpoint, Lasting::longer);
  if (!subsegment) return;
  try {
    auto pipeline = std::make_unique<Pipeline>(std::move(*subsegment));
    count(pipeline);
    pipelines().put(context, std::move(pipeline));
  } catch (const std::exception&) {  // out of memory: it ends here, as short as it is
    return;
  }
}

void reply_fetched(const void* context, const Answer& answer) noexcept {
  bool is_over = false;
  pipelines().with(context, [&](std::unique_ptr<Pipeline>& pipeline) {
    if (answer.kind == Answer::Kind::none) {
      pipeline->worst = answer;
      is_over = true;
      return;
    }
    ++pipeline->answered;
    if (answer.kind == Answer::Kind::refusal && pipeline->refused++ == 0) pipeline->worst = answer;
    is_over = pipeline->answered == pipeline->appended;
  });
  if (is_over) pipelines().take(context);
}

void connection_given_up(const void* context) noexcept {
  pipelines().take(context);
}

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
