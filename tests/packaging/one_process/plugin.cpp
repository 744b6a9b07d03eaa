#include "plugin.hpp"

#include <xray/testing.hpp>
#include <xray/xray.hpp>

namespace {

class TracesAtExit {
 public:
  ~TracesAtExit() {
    if (name != nullptr) const xray::Segment segment(name);
  }
  const char* name = nullptr;
};

TracesAtExit traces_at_exit;
xray::Segment* open_segment = nullptr;

class Discard : public xray::Emitter {
 public:
  void emit(std::string_view /*document*/) noexcept override {}
};

}  // namespace

FROM_PLUGIN bool plugin_subsegment(const char* name) {
  xray::Subsegment subsegment(name);
  subsegment.add_annotation("from", "plugin");
  return subsegment.sampled();
}

FROM_PLUGIN void plugin_segment(const char* name) {
  const xray::Segment segment(name);
  plugin_subsegment("below that");
}

FROM_PLUGIN void plugin_open(const char* name) {
  open_segment = new xray::Segment(name);
}

FROM_PLUGIN void plugin_close() {
  delete open_segment;
  open_segment = nullptr;
}

FROM_PLUGIN std::uint64_t plugin_sent() {
  xray::flush(std::chrono::seconds(10));
  return xray::statistics().documents_sent;
}

FROM_PLUGIN void plugin_arm(const char* name) {
  traces_at_exit.name = name;
}

FROM_PLUGIN void plugin_install() {
  xray::detail::replace_emitter(std::make_shared<Discard>());
}
