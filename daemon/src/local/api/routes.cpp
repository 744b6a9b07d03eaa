#include "local/api/routes.hpp"

namespace xrayd::local::api {
namespace {

constexpr Route table[] = {
    {"/TraceSegments", put_trace_segments},
    {"/TelemetryRecords", put_telemetry_records},
    {"/Traces", asking<batch_get_traces>},
    {"/TraceSummaries", asking<get_trace_summaries>},
    {"/ServiceGraph", asking<get_service_graph>},
    {"/TraceGraph", asking<get_trace_graph>},
    {"/TimeSeriesServiceStatistics", asking<get_time_series_service_statistics>},
    {"/StartTraceRetrieval", asking<start_trace_retrieval>},
    {"/ListRetrievedTraces", asking<list_retrieved_traces>},
    {"/GetRetrievedTracesGraph", asking<get_retrieved_traces_graph>},
    {"/CancelTraceRetrieval", asking<cancel_trace_retrieval>},
    {"/GetSamplingRules", get_sampling_rules},
    {"/SamplingTargets", get_sampling_targets},
    {"/SamplingStatisticSummaries", get_sampling_statistic_summaries},
    {"/CreateSamplingRule", create_sampling_rule},
    {"/UpdateSamplingRule", update_sampling_rule},
    {"/DeleteSamplingRule", delete_sampling_rule},
    {"/CreateGroup", create_group},
    {"/GetGroup", get_group},
    {"/Groups", get_groups},
    {"/UpdateGroup", update_group},
    {"/DeleteGroup", delete_group},
    {"/TagResource", tag_resource},
    {"/UntagResource", untag_resource},
    {"/ListTagsForResource", list_tags_for_resource},
    {"/PutResourcePolicy", put_resource_policy},
    {"/ListResourcePolicies", list_resource_policies},
    {"/DeleteResourcePolicy", delete_resource_policy},
    {"/EncryptionConfig", get_encryption_config},
    {"/PutEncryptionConfig", put_encryption_config},
    {"/GetIndexingRules", get_indexing_rules},
    {"/UpdateIndexingRule", update_indexing_rule},
    {"/GetTraceSegmentDestination", get_trace_segment_destination},
    {"/UpdateTraceSegmentDestination", update_trace_segment_destination},
    {"/InsightSummaries", get_insight_summaries},
    {"/Insight", get_insight},
    {"/InsightEvents", get_insight_events},
    {"/InsightImpactGraph", get_insight_impact_graph},
};

}  // namespace

std::span<const Route> routes() noexcept {
  return table;
}

Operation operation_at(std::string_view path) noexcept {
  for (const auto& route : table) {
    if (route.path == path) return route.operation;
  }
  return nullptr;
}

}  // namespace xrayd::local::api
