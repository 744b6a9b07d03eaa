#include "local/api/retrieval_request.hpp"

#include <utility>

#include "local/api/answer.hpp"

namespace xrayd::local::api {
namespace {

constexpr std::size_t longest_token = 1020;

}  // namespace

std::string read_retrieval_token(Members& members) {
  return members.text("RetrievalToken", Need::required, {0, longest_token}).value_or("");
}

ApiError retrieval_not_found(const std::string& token) {
  return resource_not_found("There is no such trace retrieval", token);
}

TraceRetrieval retrieval_of(const Questions& questions, const std::string& token) {
  auto retrieval = questions.retrievals.find(token);
  if (!retrieval) throw retrieval_not_found(token);
  return *std::move(retrieval);
}

void write_retrieval_status(JsonWriter& writer, const TraceRetrieval& retrieval) {
  write_member(writer, "RetrievalStatus", retrieval.cancelled ? "CANCELLED" : "COMPLETE");
}

}  // namespace xrayd::local::api
