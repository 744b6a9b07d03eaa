#include "signature.hpp"

namespace xray::instrumentation {
namespace {

constexpr std::string_view symmetric = "AWS4-HMAC-SHA256";
constexpr std::string_view asymmetric = "AWS4-ECDSA-P256-SHA256";

bool is_date(std::string_view text) noexcept {
  return text.size() == 8 && whole_number(text) > 0;
}

bool take_name(FixedText<64>& out, std::string_view name) noexcept {
  out = FixedText<64>();
  return is_name(name) && out.append(name);
}

/// `<key id>/<date>/<region>/<service>/aws4_request`; without the region where it is asymmetric.
/// From the back, since that is the part whose shape is known.
bool read_credential(std::string_view credential, bool with_region, SigningScope& scope) noexcept {
  if (take_last(credential, '/') != "aws4_request") return false;
  if (!take_name(scope.service, take_last(credential, '/'))) return false;
  if (with_region && !take_name(scope.region, take_last(credential, '/'))) return false;
  return is_date(take_last(credential, '/')) && !credential.empty();
}

/// A set may be `*` or a list: one region that it names stands for it.
void read_region_set(std::string_view set, SigningScope& scope) noexcept {
  const std::string_view first = trimmed(take_until(set, ','));
  if (is_name(first, "*")) scope.region.append(first);
}

bool read_authorization(const RequestView& request, SigningScope& scope) noexcept {
  std::string_view rest = request.headers.find("Authorization");
  const std::string_view algorithm = take_until(rest, ' ');
  if (algorithm != symmetric && algorithm != asymmetric) return false;
  while (!rest.empty()) {
    std::string_view part = trimmed(take_until(rest, ','));
    if (take_until(part, '=') != "Credential") continue;
    if (!read_credential(part, algorithm == symmetric, scope)) return false;
    if (algorithm == asymmetric) {
      read_region_set(request.headers.find("X-Amz-Region-Set"), scope);
    }
    return true;
  }
  return false;
}

bool read_presigned(std::string_view query, SigningScope& scope) noexcept {
  const std::string_view algorithm = form_field(FormFields(query), "X-Amz-Algorithm");
  if (algorithm != symmetric && algorithm != asymmetric) return false;
  FixedText<256> credential;
  if (!append_decoded(credential, form_field(FormFields(query), "X-Amz-Credential"), true)) {
    return false;
  }
  if (!read_credential(credential, algorithm == symmetric, scope)) return false;
  if (algorithm == asymmetric) {
    FixedText<256> regions;
    append_decoded(regions, form_field(FormFields(query), "X-Amz-Region-Set"), true);
    read_region_set(regions, scope);
  }
  return true;
}

/// `<provider>[:<provider>[:<region>[:<service>]]]`; libcurl takes what is left out from the host,
/// `<service>.<region>.<the rest>`.
bool read_curl_signing(std::string_view option, std::string_view host,
                       SigningScope& scope) noexcept {
  const std::string_view provider = take_until(option, ':');
  if (!equal_ignoring_case(provider, "aws")) return false;
  take_until(option, ':');
  std::string_view region = take_until(option, ':');
  std::string_view service = take_until(option, ':');
  if (service.empty()) service = take_until(host, '.');
  if (region.empty()) region = take_until(host, '.');
  take_name(scope.region, region);
  return take_name(scope.service, service);
}

}  // namespace

bool read_signing_scope(const RequestView& request, const UrlParts& url,
                        SigningScope& scope) noexcept {
  scope = SigningScope();
  return read_authorization(request, scope) || read_presigned(url.query, scope) ||
         (!request.curl_signing.empty() &&
          read_curl_signing(request.curl_signing, url.host, scope));
}

}  // namespace xray::instrumentation
