#include "clients/redis/command.hpp"

#include "clients/call.hpp"
#include "sql/bounded_text.hpp"

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace redis {
namespace {

constexpr std::string_view metadata = "redis";

std::string_view after_last(std::string_view text, char mark) noexcept {
  const std::size_t found = text.rfind(mark);
  return found == std::string_view::npos ? text : text.substr(found + 1);
}

std::string_view words_of_connection_error(int number) noexcept {
  switch (number) {
    case 0:
      return "closed before the reply";
    case 1:
      return "input or output failed";
    case 3:
      return "the server closed the connection";
    case 4:
      return "what came is not Redis' protocol";
    case 5:
      return "out of memory";
    case 6:
      return "timed out";
    default:
      return "the connection failed";
  }
}

bool is_one_of(const CommandName& word, std::initializer_list<std::string_view> words) noexcept {
  for (const std::string_view other : words) {
    if (word == other) return true;
  }
  return false;
}

void set_refusal(Subsegment& subsegment, const CommandName& word) noexcept {
  if (is_one_of(word, {"MOVED", "ASK"})) {
    subsegment.add_metadata("redirected", word.view(), metadata);
    return;
  }
  char buffer[48];
  sql::BoundedText type(buffer, sizeof buffer);
  type.append("Redis ");
  type.append(word.empty() ? std::string_view("ERR") : word.view());
  subsegment.add_remote_exception(type.view(), {});
  if (is_one_of(word, {"LOADING", "BUSY", "OOM", "READONLY", "MISCONF", "MASTERDOWN", "CLUSTERDOWN",
                       "NOREPLICAS", "TRYAGAIN"})) {
    return;
  }
  subsegment.set_fault(false);
  subsegment.set_error();
}

}  // namespace

std::optional<Subsegment> begin_command(const Endpoint& endpoint, Lasting lasting) noexcept {
  // Of what looks like a URL no more than the host; of a socket's path, which may name a user, its
  // last part.
  const std::string_view host = after_last(endpoint.host, '@');
  const std::string_view socket = after_last(endpoint.socket_path, '/');
  const std::string_view where = host.empty() ? socket : host;
  char buffer[200];
  sql::BoundedText name(buffer, sizeof buffer);
  name.append("redis");
  if (!where.empty()) name.append('@');
  name.append(where);
  std::optional<Subsegment> subsegment = lasting == Lasting::this_call
                                             ? begin_call(name.view(), Namespace::remote)
                                             : begin_lasting_call(name.view(), Namespace::remote);
  if (!subsegment) return subsegment;
  if (!host.empty()) {
    subsegment->add_metadata("host", host, metadata);
    subsegment->add_metadata("port", endpoint.port, metadata);
  } else if (!socket.empty()) {
    subsegment->add_metadata("socket", socket, metadata);
  }
  return subsegment;
}

void set_command(Subsegment& subsegment, std::string_view name) noexcept {
  if (name.empty()) return;
  subsegment.add_annotation("redis_command", name);
  subsegment.add_metadata("command", name, metadata);
}

void set_answer(Subsegment& subsegment, const Answer& answer) noexcept {
  switch (answer.kind) {
    case Answer::Kind::reply:
      return;
    case Answer::Kind::refusal:
      set_refusal(subsegment, answer.refusal);
      return;
    case Answer::Kind::none:
      subsegment.add_remote_exception("Redis connection",
                                      words_of_connection_error(answer.connection_error));
      return;
    case Answer::Kind::unsent:
      subsegment.add_remote_exception("Redis connection", "the command was not taken");
      return;
  }
}

}  // namespace redis
}  // namespace clients
XRAY_NAMESPACE_END
