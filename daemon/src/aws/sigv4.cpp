#include "aws/sigv4.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "ascii.hpp"

namespace xrayd::aws {
namespace {

constexpr std::size_t digest_size = 32;
constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// A key made on the way to the signature.
struct Digest {
  std::array<unsigned char, digest_size> bytes{};

  Digest() = default;
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

std::string hex_of(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    result += digits[byte >> 4U];
    result += digits[byte & 0xFU];
  }
  return result;
}

void hmac(std::string_view key, std::string_view text, Digest& result) {
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.bytes.data(),
           &size) == nullptr ||
      size != digest_size) {
    throw std::runtime_error("OpenSSL can't compute HMAC-SHA256");
  }
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Without blanks at the ends; a run of them inside is one space.
void append_trimmed(std::string& to, std::string_view value) {
  bool first = true;
  std::size_t at = 0;
  while (at < value.size()) {
    if (is_blank(value[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < value.size() && !is_blank(value[end])) ++end;
    if (!first) to += ' ';
    first = false;
    to += value.substr(at, end - at);
    at = end;
  }
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// Calls visit() with each part between separators, empty ones too.
template <typename Visit>
void for_each_part(std::string_view text, char separator, Visit visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    visit(text.substr(0, end));
    if (end == text.npos) return;
    text.remove_prefix(end + 1);
  }
}

/// Dots and doubled slashes resolved, then everything percent-encoded once more: what is `%20` on
/// the line is signed as `%2520`, by every service but S3.
std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for_each_part(path, '/', [&kept](std::string_view part) {
    if (part == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!part.empty() && part != ".") {
      kept.push_back(part);
    }
  });
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const std::string_view part : kept) {
    result += '/';
    for (const char c : part) {
      if (is_unreserved(c)) {
        result += c;
      } else {
        const auto byte = static_cast<unsigned char>(c);
        result += '%';
        result += digits[byte >> 4U];
        result += digits[byte & 0xFU];
      }
    }
  }
  if (result.empty() || path.ends_with('/')) result += '/';
  return result;
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for_each_part(query, '&', [&pairs](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    pairs.emplace_back(pair.substr(0, equals),
                       equals == pair.npos ? std::string_view() : pair.substr(equals + 1));
  });
  std::sort(pairs.begin(), pairs.end());
  std::string result;
  for (const auto& [key, value] : pairs) {
    if (!result.empty()) result += '&';
    result += key;
    result += '=';
    result += value;
  }
  return result;
}

/// Headers that proxies on the way change, or that AWS's own clients leave out.
bool travels_unsigned(std::string_view lower_name) {
  constexpr std::array<std::string_view, 13> names = {"connection",
                                                      "expect",
                                                      "keep-alive",
                                                      "proxy-authenticate",
                                                      "proxy-authorization",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "user-agent",
                                                      "via",
                                                      "x-amzn-trace-id",
                                                      "x-forwarded-for"};
  return std::find(names.begin(), names.end(), lower_name) != names.end();
}

bool is_signature_name(std::string_view lower_name) {
  constexpr std::array<std::string_view, 4> names = {"authorization", "x-amz-content-sha256",
                                                     "x-amz-date", "x-amz-security-token"};
  return std::find(names.begin(), names.end(), lower_name) != names.end();
}

struct CanonicalHeaders {
  std::string lines;
  std::string names;
};

CanonicalHeaders canonical_headers(const RequestToSign& request, std::string_view date,
                                   std::string_view token) {
  std::vector<std::pair<std::string, std::string_view>> headers;
  headers.reserve(request.headers.size() + 3);
  for (const HeaderView& header : request.headers) {
    std::string name = lower(header.name);
    if (name != "host" && !is_signature_name(name) && !travels_unsigned(name)) {
      headers.emplace_back(std::move(name), header.value);
    }
  }
  headers.emplace_back("host", request.host);
  headers.emplace_back("x-amz-date", date);
  if (!token.empty()) headers.emplace_back("x-amz-security-token", token);
  // Values of one name stay in the order in which they are sent.
  std::stable_sort(headers.begin(), headers.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });

  CanonicalHeaders result;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (i > 0 && headers[i].first == headers[i - 1].first) {
      result.lines.back() = ',';
    } else {
      if (i > 0) result.names += ';';
      result.names += headers[i].first;
      result.lines += headers[i].first;
      result.lines += ':';
    }
    append_trimmed(result.lines, headers[i].second);
    result.lines += '\n';
  }
  return result;
}

/// `20261122T151241Z`.
std::string basic_format(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string signature_of(std::string_view text, const Credentials& credentials,
                         std::string_view day, const SigningScope& scope) {
  std::string start;
  // At once, so that no smaller buffer with the key in it is given back.
  start.reserve(4 + credentials.secret_access_key.reveal().size());
  start += "AWS4";
  start += credentials.secret_access_key.reveal();
  const Secret key(std::move(start));
  Digest of_day;
  Digest of_region;
  Digest of_service;
  Digest signing;
  Digest signature;
  hmac(key.reveal(), day, of_day);
  hmac(of_day.view(), scope.region, of_region);
  hmac(of_region.view(), scope.service, of_service);
  hmac(of_service.view(), "aws4_request", signing);
  hmac(signing.view(), text, signature);
  return hex_of(signature.bytes);
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr ||
      EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha256(), nullptr) != 1) {
    EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
    throw std::runtime_error("OpenSSL can't compute SHA-256");
  }
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_));
}

void Sha256::update(std::string_view piece) {
  if (EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), piece.data(), piece.size()) != 1) {
    throw std::runtime_error("OpenSSL can't compute SHA-256");
  }
}

std::string Sha256::hex() {
  std::array<unsigned char, digest_size> digest{};
  if (EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest.data(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL can't compute SHA-256");
  }
  return hex_of(digest);
}

std::string sha256_hex(std::string_view text) {
  Sha256 sum;
  sum.update(text);
  return sum.hex();
}

std::vector<SignatureHeader> sign(const RequestToSign& request, const Credentials& credentials,
                                  const SigningScope& scope, std::chrono::sys_seconds time) {
  std::string date = basic_format(time);
  const std::string day = date.substr(0, date.find('T'));
  const CanonicalHeaders headers =
      canonical_headers(request, date, credentials.session_token.reveal());

  Sha256 canonical;
  std::string method(request.method);
  std::transform(method.begin(), method.end(), method.begin(), upper);
  canonical.update(method);
  canonical.update("\n");
  canonical.update(canonical_path(request.path));
  canonical.update("\n");
  canonical.update(canonical_query(request.query));
  canonical.update("\n");
  canonical.update(headers.lines);
  canonical.update("\n");
  canonical.update(headers.names);
  canonical.update("\n");
  canonical.update(request.body_sha256);

  std::string credential_scope = day;
  for (const std::string_view part : {scope.region, scope.service}) {
    credential_scope += '/';
    credential_scope += part;
  }
  credential_scope += "/aws4_request";

  std::string to_sign(algorithm);
  for (const std::string_view line : {std::string_view(date), std::string_view(credential_scope)}) {
    to_sign += '\n';
    to_sign += line;
  }
  to_sign += '\n';
  to_sign += canonical.hex();

  std::string authorization(algorithm);
  authorization += " Credential=" + credentials.access_key_id + "/" + credential_scope;
  authorization += ", SignedHeaders=" + headers.names;
  authorization += ", Signature=" + signature_of(to_sign, credentials, day, scope);

  std::vector<SignatureHeader> result;
  result.push_back({"X-Amz-Date", std::move(date)});
  if (!credentials.session_token.empty()) {
    result.push_back({"X-Amz-Security-Token", std::string(credentials.session_token.reveal())});
  }
  result.push_back({"Authorization", std::move(authorization)});
  return result;
}

bool is_signature_header(std::string_view name) {
  return is_signature_name(lower(name));
}

}  // namespace xrayd::aws
