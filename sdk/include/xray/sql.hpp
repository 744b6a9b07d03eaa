// What a subsegment says about a database call.
#pragma once

#include <xray/borrowed_text.hpp>

XRAY_NAMESPACE_BEGIN

/// The `sql` block. Fields left empty are left out; strings are read during the call only and
/// recorded as given, so put no password into url or connection_string and no user's values into
/// sanitized_query.
struct SqlQuery {
  BorrowedText url;
  BorrowedText connection_string;
  BorrowedText sanitized_query;
  BorrowedText database_type;
  BorrowedText database_version;
  BorrowedText driver_version;
  BorrowedText user;
  /// "call" or "statement".
  BorrowedText preparation;
};

XRAY_NAMESPACE_END
