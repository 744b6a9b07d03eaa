#include "clients/mysql/calls.hpp"

#include <exception>

#include "clients/never_destroyed.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients::mysql {
namespace {

std::optional<Subsegment> begin_of(const Statement* statement, SqlLasting lasting) noexcept {
  const auto known = find_statement(statement);
  if (!known) return begin_sql_call(describe({}, nullptr), {}, SqlKind::statement, lasting);
  const SqlKind kind = is_procedure_call(known->text) ? SqlKind::call : SqlKind::statement;
  return begin_sql_call(known->database, known->text, kind, lasting);
}

}  // namespace

HandleMap<Subsegment>& open_calls() noexcept {
  static NeverDestroyed<HandleMap<Subsegment>> map;
  return *map;
}

void keep_open(const void* handle, std::optional<Subsegment>& subsegment) noexcept {
  if (!subsegment) return;
  try {
    open_calls().put(handle, std::move(*subsegment));
  } catch (const std::exception&) {  // it ends here: the document says less of its duration
  }
  subsegment.reset();
}

void close_open(const void* handle) noexcept {
  if (open_calls().empty()) return;
  const KeepErrno keep;
  open_calls().take(handle);
}

std::optional<Subsegment> begin_execution(const Statement* statement, SqlLasting lasting) noexcept {
  const KeepErrno keep;
  return begin_of(statement, lasting);
}

std::optional<Subsegment> begin_preparation(const Statement* statement,
                                            SqlLasting lasting) noexcept {
  const KeepErrno keep;
  std::optional<Subsegment> subsegment = begin_of(statement, lasting);
  if (subsegment) subsegment->add_metadata("command", "prepare", "mysql");
  return subsegment;
}

}  // namespace clients::mysql
XRAY_NAMESPACE_END
