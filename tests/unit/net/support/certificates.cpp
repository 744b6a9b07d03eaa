#include "support/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>

namespace xrayd::net {
namespace {

void check(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL made no certificate");
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr);
  check(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

/// Signed by itself if `root` is null.
Identity make(const std::string& name, long not_after, const Identity* root,
              const std::string& names) {
  static std::atomic<long> serial{1};
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  X509* const certificate = made.certificate.get();
  check(made.key && certificate != nullptr);
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate), not_after);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME* const subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* const issuer = root == nullptr ? certificate : root->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  if (root == nullptr) {
    add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign");
  } else if (!names.empty()) {
    add_extension(certificate, issuer, NID_subject_alt_name, names);
  }
  EVP_PKEY* const signer = root == nullptr ? made.key.get() : root->key.get();
  check(X509_sign(certificate, signer, EVP_sha256()) > 0);
  return made;
}

}  // namespace

Authority::Authority() {
  static std::atomic<int> number{0};
  root_ = make("Root " + std::to_string(number++) + " of these tests", 3600, nullptr, "");
  bundle_ = std::filesystem::temp_directory_path() / ("xrayd_unit_net_" + std::to_string(getpid()) +
                                                      "_" + std::to_string(number++) + ".pem");
  std::FILE* const file = std::fopen(bundle_.c_str(), "w");
  check(file != nullptr);
  const bool written = PEM_write_X509(file, root_.certificate.get()) == 1;
  check(std::fclose(file) == 0 && written);
}

Authority::~Authority() {
  std::error_code ignored;
  std::filesystem::remove(bundle_, ignored);
}

Identity Authority::issue(const Wish& wish) const {
  return make(wish.subject, wish.not_after, &root_, wish.names);
}

}  // namespace xrayd::net
