// What the function does: it takes orders out of a queue.
#pragma once

#include "runtime.hpp"

namespace function {

/// Handles an event of SQS: each message's body is an order. Answers with the trace header under
/// which each of them was worked on, and so would have gone on to other services. Throws
/// std::runtime_error for an event that is none, or an order that can't be met.
invocation_response handle_orders(const invocation_request& request);

}  // namespace function
