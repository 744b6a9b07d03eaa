// Any text as what plugins read: metadata in JSON, the kernel's files, endpoints.
#include <xray/impl/container_id.hpp>
#include <xray/impl/http_client.hpp>
#include <xray/impl/json_fields.hpp>
#include <xray/impl/plugin_settings.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  xray::detail::JsonFields fields({"a", "data/cluster.name", "log_configs/[]/log_group_name"});
  if (fields.parse(text) && fields.text("a").size() > 512) std::abort();

  for (const std::string_view id :
       {xray::detail::container_id_in_cgroup(text), xray::detail::container_id_in_mounts(text)}) {
    if (!id.empty() && (id.size() != 64 || id.find_first_not_of("0123456789abcdef") != id.npos)) {
      std::abort();
    }
  }

  std::string_view wrong;
  (void)xray::detail::parse_plugins(text, wrong);
  if (const auto endpoint = xray::detail::parse_http_endpoint(text)) {
    // What was accepted can be asked.
    xray::detail::HttpRequest request;
    request.host = endpoint->host;
    request.port = endpoint->port;
    request.path = endpoint->path + "/";
    if (xray::detail::http_request_text(request).empty()) std::abort();
  }
  return 0;
}
