#include "local/api/tagged_resource.hpp"

#include <utility>

#include "local/api/account_change.hpp"

namespace xrayd::local::api {
namespace {

ApiError not_found(const std::string& arn) {
  return resource_not_found("Resource not found", arn);
}

}  // namespace

Tags tags_of(const Services& services, const std::string& arn) {
  const auto state = services.account.state();
  if (const auto* group = state->groups.find_arn(arn)) return group->tags;
  auto tags = services.sampling.tags(arn);
  if (!tags) throw not_found(arn);
  return *std::move(tags);
}

void change_tags(Services& services, const std::string& arn,
                 const std::function<Tags(Tags)>& change) {
  const auto checked = [&](Tags before) {
    Tags after = change(std::move(before));
    if (const auto fault = tags_fault(after); !fault.empty()) throw invalid_request(fault);
    return after;
  };
  const bool found = with_account([&] {
    return services.account.change_tags(arn, checked) ||
           services.sampling.change_tags(arn, checked);
  });
  if (!found) throw not_found(arn);
}

}  // namespace xrayd::local::api
