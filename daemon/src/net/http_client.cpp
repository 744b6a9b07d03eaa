#include "net/http_client.hpp"

#include "ascii.hpp"
#include "net/client.hpp"

namespace xrayd::net {

std::string_view HttpResponse::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (same_in_any_case(header.name, name)) return header.value;
  }
  return {};
}

class Network::Impl {
 public:
  explicit Impl(const NetworkSettings& settings)
      : shared_(std::make_shared<const Shared>(settings)) {}

  [[nodiscard]] const std::shared_ptr<const Shared>& shared() const { return shared_; }

 private:
  std::shared_ptr<const Shared> shared_;
};

Network::Network(const NetworkSettings& settings) : impl_(std::make_unique<Impl>(settings)) {
}

Network::~Network() = default;

std::unique_ptr<HttpClient> Network::client(const ClientSettings& settings) const {
  return make_client(impl_->shared(), settings);
}

}  // namespace xrayd::net
