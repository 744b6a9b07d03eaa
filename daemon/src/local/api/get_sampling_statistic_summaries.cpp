#include "local/api/operation.hpp"

namespace xrayd::local::api {

// Everything that is kept fits one page: half an hour of 26 rules.
std::string get_sampling_statistic_summaries(Services& services,
                                             const rapidjson::Value& /*request*/) {
  services.sampling.count(SamplingCall::get_statistics);
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  write_key(writer, "SamplingStatisticSummaries");
  writer.StartArray();
  for (const auto& window : services.sampling.windows()) {
    writer.StartObject();
    write_key(writer, "RuleName");
    write_text(writer, window.rule);
    write_key(writer, "Timestamp");
    writer.Double(static_cast<double>(window.start));
    write_key(writer, "RequestCount");
    writer.Int64(window.counts.requests);
    write_key(writer, "BorrowCount");
    writer.Int64(window.counts.borrowed);
    write_key(writer, "SampledCount");
    writer.Int64(window.counts.sampled);
    writer.EndObject();
  }
  writer.EndArray();
  write_key(writer, "NextToken");
  writer.Null();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace xrayd::local::api
