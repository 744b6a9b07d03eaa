#include <array>
#include <string_view>

#include "local/api/account_change.hpp"
#include "local/api/destination_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string update_trace_segment_destination(Services& services, const rapidjson::Value& request) {
  constexpr std::array<std::string_view, 2> destinations = {"XRay", "CloudWatchLogs"};
  Violations violations;
  Members members(request, "", violations);
  const auto destination = members.choice("Destination", Need::optional, destinations);
  refuse(violations);
  // Stored and given back: there is no CloudWatch here, and traces stay where they are.
  if (destination) {
    with_account([&] { services.account.set_destination(*destination); });
  }
  return destination_answer(services.account.state()->destination);
}

}  // namespace xrayd::local::api
