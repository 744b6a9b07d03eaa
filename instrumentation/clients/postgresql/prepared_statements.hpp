// The text of statements that are executed by their name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace clients::postgresql {

/// The prepared statements of one connection: the 256 that were prepared last, and of each text as
/// much as is ever recorded. Not thread-safe.
class PreparedStatements {
 public:
  using Text = std::shared_ptr<const std::string>;

  static constexpr std::size_t most_names = 256;
  /// PostgreSQL's own limit is 63 bytes; what is longer is not kept.
  static constexpr std::size_t longest_name = 256;

  /// What is to be kept of a statement. Throws std::bad_alloc.
  static Text text_of(std::string_view statement);

  /// `backend` is the server's process: another one knows none of them.
  explicit PreparedStatements(int backend) noexcept : backend_(backend) {}

  [[nodiscard]] int backend() const noexcept { return backend_; }

  /// Throws std::bad_alloc, and has changed nothing then.
  void put(std::string_view name, Text text);
  /// Null if there is none of this name.
  [[nodiscard]] Text find(std::string_view name) const noexcept;

 private:
  struct Entry {
    Text text;
    std::uint64_t number;  ///< in the order of their coming
  };

  void drop_oldest() noexcept;

  int backend_;
  std::uint64_t next_number_ = 0;
  std::map<std::string, Entry, std::less<>> by_name_;
};

/// What is kept of all connections. `backend` is that of now (PQbackendPID); 0, as libpq says where
/// it has none, fits any. May throw std::bad_alloc.
void remember_statement(const void* connection, int backend, std::string_view name,
                        std::string_view statement);
/// Null if it isn't known.
PreparedStatements::Text find_statement(const void* connection, int backend,
                                        std::string_view name) noexcept;
void forget_statements(const void* connection) noexcept;

}  // namespace clients::postgresql
XRAY_NAMESPACE_END
