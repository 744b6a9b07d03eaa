#include "clients/sql_call.hpp"

#include "clients/call.hpp"
#include "clients/settings.hpp"
#include "sql/bounded_text.hpp"
#include "sql/collection.hpp"
#include "sql/message.hpp"
#include "sql/sanitise.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
std::optional<Subsegment> begin_sql_call(const Database& database, std::string_view statement,
                                         SqlKind kind, SqlLasting lasting) noexcept {
  char name_buffer[400];
  sql::BoundedText name(name_buffer, sizeof name_buffer);
  database.where.append_name(name);
  const std::string_view shown_name = name.empty() ? database.type.view() : name.view();
  std::optional<Subsegment> subsegment = lasting == SqlLasting::this_call
                                             ? begin_call(shown_name, Namespace::remote)
                                             : begin_lasting_call(shown_name, Namespace::remote);
  if (!subsegment) return subsegment;

  char url_buffer[512];
  sql::BoundedText url(url_buffer, sizeof url_buffer);
  url.append(database.scheme.view());
  if (database.is_file) {
    url.append(':');
    url.append(database.where.database.view());
  } else {
    url.append("://");
    database.where.append_address(url);
  }
  char statement_buffer[sql::longest_query];
  SqlQuery query;
  query.url = url.view();
  query.database_type = database.type.view();
  query.database_version = database.version.view();
  query.driver_version = database.driver_version.view();
  query.user = database.where.user.view();
  if (kind != SqlKind::query) query.preparation = kind == SqlKind::call ? "call" : "statement";
  query.sanitized_query = sql::collect(settings().sql, statement, database.dialect,
                                       statement_buffer, sizeof statement_buffer);
  subsegment->set_sql(query);
  return subsegment;
}

void set_sql_error(Subsegment& subsegment, std::string_view type,
                   std::string_view message) noexcept {
  char buffer[512];
  const sql::Collection collection = settings().sql;
  if (collection == sql::Collection::none) message = {};
  if (collection == sql::Collection::sanitised) {
    message = sql::message_without_values(message, buffer, sizeof buffer);
  }
  subsegment.add_remote_exception(type, message);
}

}  // namespace clients
XRAY_NAMESPACE_END
