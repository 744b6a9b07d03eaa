#include "local/api/answer.hpp"
#include "local/api/retrieval_request.hpp"

namespace xrayd::local::api {

std::string cancel_trace_retrieval(const Questions& questions, const rapidjson::Value& request) {
  Violations violations;
  Members members(request, "", violations);
  const auto token = read_retrieval_token(members);
  refuse(violations);
  if (!questions.retrievals.cancel(token)) throw retrieval_not_found(token);
  return empty_answer;
}

}  // namespace xrayd::local::api
