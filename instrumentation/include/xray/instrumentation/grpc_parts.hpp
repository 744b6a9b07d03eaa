// What gRPC's clients and servers record alike.
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include <xray/entity.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// The status as gRPC's documentation writes it.
inline std::string_view grpc_status_name(grpc::StatusCode code) noexcept {
  static constexpr std::string_view names[] = {
      "OK",
      "CANCELLED",
      "UNKNOWN",
      "INVALID_ARGUMENT",
      "DEADLINE_EXCEEDED",
      "NOT_FOUND",
      "ALREADY_EXISTS",
      "PERMISSION_DENIED",
      "RESOURCE_EXHAUSTED",
      "FAILED_PRECONDITION",
      "ABORTED",
      "OUT_OF_RANGE",
      "UNIMPLEMENTED",
      "INTERNAL",
      "UNAVAILABLE",
      "DATA_LOSS",
      "UNAUTHENTICATED",
  };
  const auto number = static_cast<std::size_t>(code);
  return number < sizeof names / sizeof names[0] ? names[number] : std::string_view("UNKNOWN");
}

/// Marks what the status says. Whose fault it is goes by the code, as in X-Ray's SDK for Go.
inline void set_grpc_status(Entity& entity, grpc::StatusCode code) noexcept {
  entity.add_metadata("status", grpc_status_name(code), "grpc");
  switch (code) {
    case grpc::StatusCode::OK:
      return;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      entity.set_throttle();
      entity.set_error();
      return;
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::NOT_FOUND:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::OUT_OF_RANGE:
      entity.set_error();
      return;
    default:
      entity.set_fault();
      return;
  }
}

/// gRPC's metadata has keys in small letters only.
inline std::string grpc_key(std::string_view name) {
  std::string key(name);
  for (char& c : key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return key;
}

}  // namespace detail
XRAY_NAMESPACE_END
