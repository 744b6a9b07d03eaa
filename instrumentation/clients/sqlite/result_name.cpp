#include "clients/sqlite/result_name.hpp"

#include <charconv>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "clients/sqlite/api.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::sqlite {
namespace {

constexpr std::string_view kinds[] = {
    "OK",       "ERROR",    "INTERNAL",  "PERM",   "ABORT",   "BUSY",       "LOCKED",
    "NOMEM",    "READONLY", "INTERRUPT", "IOERR",  "CORRUPT", "NOTFOUND",   "FULL",
    "CANTOPEN", "PROTOCOL", "EMPTY",     "SCHEMA", "TOOBIG",  "CONSTRAINT", "MISMATCH",
    "MISUSE",   "NOLFS",    "AUTH",      "FORMAT", "RANGE",   "NOTADB"};

constexpr int constraint = 19;
constexpr std::string_view constraints[] = {
    "",        "CHECK",  "COMMITHOOK", "FOREIGNKEY", "FUNCTION", "NOTNULL", "PRIMARYKEY",
    "TRIGGER", "UNIQUE", "VTAB",       "ROWID",      "PINNED",   "DATATYPE"};

void append_number(FixedText<48>& name, int number) noexcept {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, number);
  name.append({digits, static_cast<std::size_t>(end.ptr - digits)});
}

}  // namespace

FixedText<48> result_name(int result) noexcept {
  FixedText<48> name;
  const auto kind = static_cast<std::size_t>(kind_of(result));
  if (kind >= std::size(kinds)) {
    name.append("SQLite ");
    append_number(name, result);
    return name;
  }
  name.append("SQLITE_");
  name.append(kinds[kind]);
  const auto more = static_cast<std::size_t>(static_cast<unsigned>(result) >> 8U);
  if (more == 0) return name;
  if (kind == constraint && more < std::size(constraints)) {
    name.append("_");
    name.append(constraints[more]);
  } else {
    name.append(" ");
    append_number(name, result);
  }
  return name;
}

}  // namespace clients::sqlite
XRAY_NAMESPACE_END
