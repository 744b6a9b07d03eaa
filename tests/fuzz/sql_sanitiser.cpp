// Any text as a statement in any dialect, into buffers of any size; as a connection and as a URL.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "sql/bounded_text.hpp"
#include "sql/connection.hpp"
#include "sql/meter.hpp"
#include "sql/sanitise_into.hpp"
#include "sql/url.hpp"

namespace {

using xray::sql::Dialect;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Result {
  std::string text;
  bool cut;
};

Result sanitised(std::string_view statement, Dialect dialect, std::size_t capacity) {
  // Of its very size, so that a byte too far is seen.
  const std::unique_ptr<char[]> buffer(new char[capacity]);
  xray::sql::BoundedText out(buffer.get(), capacity);
  xray::sql::CountingMeter meter;
  xray::sql::sanitise_into(statement, dialect, out, meter);
  require(out.size() <= capacity);
  require(meter.steps <= 3 * statement.size() + 64);
  return {std::string(out.view()), out.cut()};
}

void check(std::string_view statement, Dialect dialect, std::size_t capacity) {
  const Result cut = sanitised(statement, dialect, capacity);
  const Result whole = sanitised(statement, dialect, 2 * statement.size() + 4);
  require(!whole.cut || statement.size() > xray::sql::longest_read);
  if (!cut.cut) require(cut.text == whole.text);
  // In MySQL, what is left when a comment is dropped may look like the beginning of another.
  const bool stable = dialect == Dialect::sqlite || dialect == Dialect::postgresql;
  if (stable && !whole.cut) {
    require(sanitised(whole.text, dialect, 2 * statement.size() + 4).text == whole.text);
  }
}

void check_address(const xray::sql::Connection& connection) {
  char buffer[600];
  xray::sql::BoundedText out(buffer, sizeof buffer);
  connection.append_address(out);
  connection.append_name(out);
  require(out.size() <= sizeof buffer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t capacity = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const Dialect dialect :
       {Dialect::unknown, Dialect::sqlite, Dialect::postgresql, Dialect::mysql}) {
    check(text, dialect, capacity);
  }
  check_address(xray::sql::connection_of_uri(text));
  check_address(xray::sql::connection_of_conninfo(text));
  check_address(xray::sql::connection_of_odbc(text));
  check_address(xray::sql::connection_of_postgresql(text));

  const auto url = xray::sql::url_parts(text);
  for (const std::string_view part : {url.scheme, url.host, url.port, url.path}) {
    require(part.size() <= text.size());
    require(part.find_first_of("?#") == std::string_view::npos);
  }
  return 0;
}
