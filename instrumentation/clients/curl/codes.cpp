#include "clients/curl/codes.hpp"

#include <charconv>

XRAY_NAMESPACE_BEGIN
namespace clients {
namespace curl {
namespace {

struct Name {
  int code;
  std::string_view text;
};

// Those that calls by HTTP can end with.
constexpr Name names[] = {
    {1, "UNSUPPORTED_PROTOCOL"},
    {2, "FAILED_INIT"},
    {3, "URL_MALFORMAT"},
    {4, "NOT_BUILT_IN"},
    {5, "COULDNT_RESOLVE_PROXY"},
    {6, "COULDNT_RESOLVE_HOST"},
    {7, "COULDNT_CONNECT"},
    {8, "WEIRD_SERVER_REPLY"},
    {16, "HTTP2"},
    {18, "PARTIAL_FILE"},
    {22, "HTTP_RETURNED_ERROR"},
    {23, "WRITE_ERROR"},
    {26, "READ_ERROR"},
    {27, "OUT_OF_MEMORY"},
    {28, "OPERATION_TIMEDOUT"},
    {33, "RANGE_ERROR"},
    {34, "HTTP_POST_ERROR"},
    {35, "SSL_CONNECT_ERROR"},
    {36, "BAD_DOWNLOAD_RESUME"},
    {41, "FUNCTION_NOT_FOUND"},
    {42, "ABORTED_BY_CALLBACK"},
    {43, "BAD_FUNCTION_ARGUMENT"},
    {45, "INTERFACE_FAILED"},
    {47, "TOO_MANY_REDIRECTS"},
    {48, "UNKNOWN_OPTION"},
    {52, "GOT_NOTHING"},
    {53, "SSL_ENGINE_NOTFOUND"},
    {54, "SSL_ENGINE_SETFAILED"},
    {55, "SEND_ERROR"},
    {56, "RECV_ERROR"},
    {58, "SSL_CERTPROBLEM"},
    {59, "SSL_CIPHER"},
    {60, "PEER_FAILED_VERIFICATION"},
    {61, "BAD_CONTENT_ENCODING"},
    {63, "FILESIZE_EXCEEDED"},
    {65, "SEND_FAIL_REWIND"},
    {66, "SSL_ENGINE_INITFAILED"},
    {67, "LOGIN_DENIED"},
    {77, "SSL_CACERT_BADFILE"},
    {80, "SSL_SHUTDOWN_FAILED"},
    {81, "AGAIN"},
    {82, "SSL_CRL_BADFILE"},
    {83, "SSL_ISSUER_ERROR"},
    {88, "CHUNK_FAILED"},
    {89, "NO_CONNECTION_AVAILABLE"},
    {90, "SSL_PINNEDPUBKEYNOTMATCH"},
    {91, "SSL_INVALIDCERTSTATUS"},
    {92, "HTTP2_STREAM"},
    {93, "RECURSIVE_API_CALL"},
    {94, "AUTH_ERROR"},
    {95, "HTTP3"},
    {96, "QUIC_CONNECT_ERROR"},
    {97, "PROXY"},
    {98, "SSL_CLIENTCERT"},
    {99, "UNRECOVERABLE_POLL"},
};

}  // namespace

FixedText<48> name_of_code(int code) noexcept {
  FixedText<48> text;
  text.append("CURLE_");
  for (const Name& name : names) {
    if (name.code != code) continue;
    text.append(name.text);
    return text;
  }
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, code).ptr;
  text.append({digits, static_cast<std::size_t>(end - digits)});
  return text;
}

}  // namespace curl
}  // namespace clients
XRAY_NAMESPACE_END
