// Which parameters of which operations get into documents.
#pragma once

#include <cstdint>
#include <string_view>

#include "recognised_call.hpp"

namespace xray::instrumentation {

/// What of a parameter is recorded.
enum class Take : std::uint8_t {
  value,  ///< a string, a number, true or false
  json,   ///< an object or array, as it stands
  keys,   ///< the names of an object's members
  count,  ///< how many elements an array has
};

/// A row of the whitelist: what X-Ray's SDKs for other languages record, less what can hold the
/// values of somebody's data (item collections, attributes of queues, which are named only).
struct ParameterRule {
  std::string_view service;
  std::string_view operations;  ///< between blanks; `*`: all
  std::string_view member;      ///< as the service calls it
  std::string_view name;        ///< as the document calls it
  Take take = Take::value;
};

/// Adds what the whitelist has of a request's body: JSON, or a form's fields.
void add_request_parameters(std::string_view body, bool complete, bool is_json,
                            RecognisedCall& call) noexcept;

/// Adds what it has of a JSON answer.
void add_response_parameters(std::string_view body, RecognisedCall& call) noexcept;

/// Of an XML answer (SQS as it was before it spoke JSON).
void add_xml_response_parameters(std::string_view body, RecognisedCall& call) noexcept;

}  // namespace xray::instrumentation
