// From a recognised call to the subsegment that tells of it.
#pragma once

#include <xray/subsegment.hpp>

#include "recognised_call.hpp"

namespace xray::instrumentation {

/// Says in the subsegment (begun with Namespace::aws and the call's service as its name) what the
/// call is known to be: the `aws` block, the answer's status and length, and what follows from them
/// (4xx error, 5xx fault, throttled, an error that AWS names as a remote exception of that type).
/// The text of an error is left out, since AWS repeats in it what it was sent. Once a call, after
/// its last attempt. With no answer (status 0) the caller says what happened. Never throws.
void record(const RecognisedCall& call, Subsegment& subsegment) noexcept;

}  // namespace xray::instrumentation
