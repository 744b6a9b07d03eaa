// What a subsegment says about a call to an AWS service.
#pragma once

#include <cstdint>

#include <xray/borrowed_text.hpp>

XRAY_NAMESPACE_BEGIN

/// The `aws` block of a call. Fields left empty are left out; strings are read during the call
/// only.
struct AwsCall {
  BorrowedText operation;
  BorrowedText region;
  BorrowedText request_id;
  /// The owner of the resource, where it is another account's.
  BorrowedText account_id;
  BorrowedText queue_url;
  BorrowedText table_name;
  /// Attempts after the first; negative: unknown.
  std::int32_t retries = -1;
};

XRAY_NAMESPACE_END
