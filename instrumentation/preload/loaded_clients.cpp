#include "preload/loaded_clients.hpp"

#include <link.h>

XRAY_NAMESPACE_BEGIN
namespace preload {
namespace {

bool is_client(std::string_view path) noexcept {
  const std::string_view file = path.substr(path.rfind('/') + 1);
  const std::string_view stem = file.substr(0, file.find(".so"));
  for (const std::string_view library : client_libraries) {
    if (stem == library) return true;
  }
  return false;
}

}  // namespace

bool is_client_loaded() noexcept {
  const auto look = [](dl_phdr_info* info, std::size_t /*size*/, void* /*argument*/) noexcept {
    return info->dlpi_name != nullptr && is_client(info->dlpi_name) ? 1 : 0;
  };
  return dl_iterate_phdr(look, nullptr) != 0;
}

}  // namespace preload
XRAY_NAMESPACE_END
