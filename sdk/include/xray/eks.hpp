// The eks plugin's one field that needs TLS: the cluster's name. Link xray::eks, which brings
// OpenSSL.
#if defined(XRAY_HEADER_ONLY)
#include <xray/impl/header_only.hpp>
#endif
#ifndef XRAY_EKS_HPP
#define XRAY_EKS_HPP

#include <atomic>
#include <cstdint>
#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

enum class HttpOutcome : std::uint8_t;
struct HttpLimits;
struct HttpReply;
struct HttpRequest;

using HttpsExchange = HttpOutcome (*)(const HttpRequest& request, std::string_view authority,
                                      HttpReply& reply, const HttpLimits& limits,
                                      const std::atomic<bool>* cancelled);

// In xray::eks.
__attribute__((visibility("default"))) void prepare_openssl() noexcept;
__attribute__((visibility("default"))) HttpOutcome openssl_exchange(
    const HttpRequest& request, std::string_view authority, HttpReply& reply,
    const HttpLimits& limits, const std::atomic<bool>* cancelled);

XRAY_DECL void set_https_exchange(HttpsExchange exchange) noexcept;

}  // namespace detail

/// Lets the eks plugin ask the Kubernetes API for the cluster's name, and so tell
/// `aws.eks.cluster_name` and the log group /aws/containerinsights/<cluster>/application. Call it
/// before the first use of the SDK. The pod's service account must be allowed to read the
/// configuration map cluster-info in the namespace amazon-cloudwatch (as with X-Ray's SDK for
/// Java); the API's certificate is checked against the account's ca.crt.
inline void enable_eks_cluster_name() noexcept {
  detail::prepare_openssl();
  detail::set_https_exchange(&detail::openssl_exchange);
}

XRAY_NAMESPACE_END

#endif  // XRAY_EKS_HPP
