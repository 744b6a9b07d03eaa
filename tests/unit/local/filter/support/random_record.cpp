#include "support/random_record.hpp"

#include <vector>

#include "support/record_builder.hpp"
#include "support/vocabulary.hpp"

namespace xrayd::local::test {
namespace {

Outcome random_outcome(std::mt19937& random) {
  return {one_in(3, random), one_in(3, random), one_in(4, random)};
}

RecordHttp random_http(std::mt19937& random) {
  RecordHttp http;
  http.method = one_of(texts, random);
  http.url = one_of(texts, random);
  http.user_agent = one_of(texts, random);
  http.client_ip = one_of(texts, random);
  http.status = one_of(statuses, random);
  return one_in(3, random) ? RecordHttp{} : http;
}

std::vector<RootCause> random_causes(std::mt19937& random, std::size_t nodes) {
  std::vector<RootCause> causes(random() % 3);
  for (RootCause& cause : causes) {
    cause.client_impacting = one_in(2, random);
    cause.services.resize(random() % 4);
    for (RootCauseService& service : cause.services) {
      service.node = static_cast<RecordIndex>(random() % nodes);
      service.inferred = one_in(3, random);
      service.path.resize(random() % 4);
      for (RootCauseEntity& entity : service.path) {
        entity.name = one_of(texts, random);
        entity.coverage = one_of(numbers, random);
        entity.remote = one_in(2, random);
        entity.exceptions.resize(random() % 3);
        for (RootCauseException& exception : entity.exceptions) {
          exception = {one_of(texts, random), one_of(texts, random)};
        }
      }
    }
  }
  return causes;
}

void add_segments(RecordBuilder& builder, std::mt19937& random, std::size_t nodes,
                  std::size_t segments) {
  double start = 0;
  for (std::size_t i = 0; i < segments; ++i) {
    std::optional<double> end;
    if (!one_in(5, random)) end = start + 0.25 * static_cast<double>(random() % 10);
    auto& segment =
        builder[builder.segment(static_cast<RecordIndex>(random() % nodes), start, end)];
    if (end && one_in(4, random)) segment.last_end = *segment.end + 0.5;
    segment.outcome = random_outcome(random);
    segment.cold_start = one_in(4, random);
    segment.http = random_http(random);
    segment.user = one_of(texts, random);
    segment.resource_arn = one_of(texts, random);
    segment.instance_id = one_of(texts, random);
    segment.availability_zone = one_of(texts, random);
    start += 0.25;
  }
}

void add_calls(RecordBuilder& builder, std::mt19937& random, std::size_t segments) {
  const auto any_segment = [&] { return static_cast<RecordIndex>(random() % segments); };
  for (std::size_t i = random() % 5; i > 0; --i) {
    const RecordIndex made =
        one_in(4, random)
            ? builder.client_call(0, any_segment())
            : builder.call(any_segment(), any_segment(),
                           one_in(3, random) ? one_of(names, random) : std::string_view(),
                           one_in(5, random) ? CallKind::link : CallKind::call);
    RecordCall& call = builder.call_at(made);
    call.outcome = random_outcome(random);
    call.http = random_http(random);
  }
}

void add_annotations(RecordBuilder& builder, std::mt19937& random, std::size_t segments) {
  for (std::size_t i = random() % 6; i > 0; --i) {
    AnnotationValue value = one_of(texts, random);
    if (one_in(3, random)) value = one_of(numbers, random);
    if (one_in(3, random)) value = one_in(2, random);
    builder.annotation(static_cast<RecordIndex>(random() % segments), one_of(keys, random), value);
  }
  for (std::size_t i = random() % 3; i > 0; --i) {
    builder.message(static_cast<RecordIndex>(random() % segments), one_of(texts, random));
  }
}

}  // namespace

TraceRecord random_record(std::mt19937& random) {
  RecordBuilder builder;
  // Now and then more than fit into a few words of bits.
  const std::size_t nodes = one_in(50, random) ? 1100 : 1 + random() % 5;
  for (std::size_t i = 0; i < nodes; ++i) {
    constexpr NodeState states[] = {NodeState::active, NodeState::unknown, NodeState::passive};
    builder.node(one_of(names, random), one_of(types, random), one_of(accounts, random),
                 states[random() % 3]);
  }
  // Orphans alone have no segment.
  const std::size_t segments = random() % 6;
  if (segments != 0) {
    add_segments(builder, random, nodes, segments);
    builder.root(static_cast<RecordIndex>(random() % segments));
    add_calls(builder, random, segments);
    add_annotations(builder, random, segments);
  }
  TraceRecord record = builder.build();
  record.fault_causes = random_causes(random, nodes);
  record.error_causes = random_causes(random, nodes);
  record.response_time_causes = random_causes(random, nodes);
  return record;
}

}  // namespace xrayd::local::test
