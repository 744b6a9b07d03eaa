// S3: operation, bucket and key of a request.
#pragma once

#include <string_view>

#include "http_message.hpp"
#include "recognised_call.hpp"
#include "url.hpp"

namespace xray::instrumentation {

/// Sets operation, `bucket_name`, `key` and the other whitelisted parameters of an S3 request. The
/// bucket is in the host where that has a label `s3` behind it
/// (`photos.s3.eu-west-1.amazonaws.com`), else the first step of the path.
void read_s3_operation(const RequestView& request, const UrlParts& url,
                       RecognisedCall& call) noexcept;

}  // namespace xray::instrumentation
