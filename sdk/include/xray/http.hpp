// What a (sub)segment says about an HTTP call.
#pragma once

#include <cstdint>

#include <xray/borrowed_text.hpp>

XRAY_NAMESPACE_BEGIN

/// The request half of the `http` block. Fields left empty are left out. Each is cut at 250
/// characters (a limit of the segment document). Strings are read during the call only.
struct HttpRequest {
  BorrowedText method;
  /// Without what must stay private: the SDK records it as given.
  BorrowedText url;
  BorrowedText user_agent;
  /// The peer's address, or the first of X-Forwarded-For.
  BorrowedText client_ip;
  /// client_ip was read from a header and so is only as true as its sender. Segments only.
  bool x_forwarded_for = false;
  /// The callee is traced too, so that X-Ray waits for its segment. Subsegments only.
  bool traced = false;
};

XRAY_NAMESPACE_END
