#include "local/api/api_error.hpp"

#include "local/json/json.hpp"

namespace xrayd::local::api {
namespace {

constexpr const char* validation = "ValidationException";

}  // namespace

ApiError ApiError::about(std::string resource) && {
  resource_ = std::move(resource);
  return std::move(*this);
}

ApiAnswer ApiError::answer() const {
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "__type");
  write_text(writer, type_);
  // X-Ray writes this one in lower case, for it comes from the layer in front of the service.
  write_key(writer, type_ == validation ? "message" : "Message");
  write_text(writer, message_);
  if (!resource_.empty()) {
    write_key(writer, "ResourceName");
    write_text(writer, resource_);
  }
  writer.EndObject();
  return {status_, type_, {buffer.GetString(), buffer.GetSize()}};
}

ApiError invalid_request(std::string message) {
  return {400, "InvalidRequestException", std::move(message)};
}

ApiError missing_member(const std::string& name) {
  return {400, validation,
          "1 validation error detected: Value null at '" + name +
              "' failed to satisfy constraint: Member must not be null"};
}

void refuse(const Violations& violations) {
  if (!violations.wrong_type().empty()) throw malformed(violations.wrong_type());
  if (!violations.none()) throw ApiError(400, validation, violations.message());
}

ApiError too_many_rules(std::string message) {
  return {400, "RuleLimitExceededException", std::move(message)};
}

ApiError resource_not_found(std::string message, std::string resource) {
  return ApiError(404, "ResourceNotFoundException", std::move(message)).about(std::move(resource));
}

ApiError malformed(std::string message) {
  return {400, "SerializationException", std::move(message)};
}

ApiError internal_failure(std::string message) {
  return {500, "InternalFailure", std::move(message)};
}

}  // namespace xrayd::local::api
