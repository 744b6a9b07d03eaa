// What the operations on a trace retrieval read from their requests.
#pragma once

#include <string>

#include "local/api/trace_operations.hpp"
#include "local/api/trace_request.hpp"

namespace xrayd::local::api {

/// RetrievalToken.
[[nodiscard]] std::string read_retrieval_token(Members& members);
/// Throws ResourceNotFoundException.
[[nodiscard]] TraceRetrieval retrieval_of(const Questions& questions, const std::string& token);
[[nodiscard]] ApiError retrieval_not_found(const std::string& token);

/// `COMPLETE` or `CANCELLED`.
void write_retrieval_status(JsonWriter& writer, const TraceRetrieval& retrieval);

}  // namespace xrayd::local::api
