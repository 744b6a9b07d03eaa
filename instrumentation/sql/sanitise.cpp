#include "sql/sanitise.hpp"

#include "sql/sanitise_into.hpp"

XRAY_NAMESPACE_BEGIN
namespace sql {

Sanitised sanitise(std::string_view statement, Dialect dialect, char* buffer,
                   std::size_t capacity) noexcept {
  BoundedText out(buffer, capacity);
  NoMeter meter;
  sanitise_into(statement, dialect, out, meter);
  return {out.view(), out.cut()};
}

}  // namespace sql
XRAY_NAMESPACE_END
