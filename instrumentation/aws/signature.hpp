// What a signed request says about where it goes: the credential scope.
#pragma once

#include <string_view>

#include <xray/fixed_text.hpp>

#include "http_message.hpp"
#include "url.hpp"

namespace xray::instrumentation {

/// The scope of an AWS signature. Key ids and signatures are read past, never kept.
struct SigningScope {
  FixedText<64> service;
  FixedText<64> region;  ///< empty where the signature is good for any
};

/// Reads the scope of a signature of version 4 (`AWS4-HMAC-SHA256`) or 4A
/// (`AWS4-ECDSA-P256-SHA256`, the region from X-Amz-Region-Set): of the header Authorization, of a
/// presigned URL's X-Amz-Credential, or of what libcurl was told to sign for. False: the request
/// has none.
bool read_signing_scope(const RequestView& request, const UrlParts& url,
                        SigningScope& scope) noexcept;

}  // namespace xray::instrumentation
