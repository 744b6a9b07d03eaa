// Certificates of our own, made while the tests run.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

namespace xrayd::net {

struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct Identity {
  std::unique_ptr<X509, CertificateDeleter> certificate;
  std::unique_ptr<EVP_PKEY, CertificateDeleter> key;
};

/// Signs certificates, and lies as a PEM file where a bundle is asked for, while it lives.
class Authority {
 public:
  Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  struct Wish {
    std::string subject = "A server of these tests";
    /// As OpenSSL's subjectAltName; empty: none.
    std::string names = "IP:127.0.0.1,DNS:localhost,DNS:xray.test";
    /// In seconds from now.
    long not_after = 3600;
  };
  [[nodiscard]] Identity issue(const Wish& wish) const;
  [[nodiscard]] Identity issue() const { return issue(Wish{}); }

  [[nodiscard]] const X509* root() const { return root_.certificate.get(); }
  [[nodiscard]] std::string bundle() const { return bundle_.string(); }

 private:
  Identity root_;
  std::filesystem::path bundle_;
};

}  // namespace xrayd::net
