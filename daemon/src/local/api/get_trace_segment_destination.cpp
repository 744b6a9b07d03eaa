#include "local/api/destination_json.hpp"
#include "local/api/operation.hpp"

namespace xrayd::local::api {

std::string get_trace_segment_destination(Services& services, const rapidjson::Value& /*request*/) {
  return destination_answer(services.account.state()->destination);
}

}  // namespace xrayd::local::api
