#include "forward/delivery.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "aws/sigv4.hpp"
#include "forward/unprocessed.hpp"

namespace xrayd::forward {
namespace {

using namespace std::chrono_literals;
using backlog::Batch;
using Clock = Pace::Clock;

/// What is throttled document by document is sent so often at most.
constexpr int most_throttled_attempts = 8;
/// A batch that has failed so often is divided.
constexpr int whole_attempts = 3;
/// A single document that has failed so often is tried beside others.
constexpr int single_attempts = 12;
/// A batch that would wait for longer, while the daemon stops, is one that did not get through.
constexpr auto longest_wait_at_the_end = 1s;
constexpr auto credentials_patience = 5s;
/// How soon waiting for credentials ends when all is over.
constexpr auto attention = 100ms;

/// Whether the service refused who we are, not what we sent.
bool is_about_identity(const aws::RequestOutcome& outcome) {
  if (outcome.status == 401 || outcome.status == 403) return true;
  constexpr std::array<std::string_view, 8> codes = {
      "AccessDenied",         "AccessDeniedException",      "IncompleteSignature",
      "InvalidClientTokenId", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
      "OptInRequired",        "UnrecognizedClientException"};
  return std::find(codes.begin(), codes.end(), outcome.error_code) != codes.end();
}

/// Whether the same documents may be taken at another time, though not by the next attempt.
bool may_succeed_later(const aws::RequestOutcome& outcome) {
  if (outcome.end != aws::RequestEnd::answered) return true;
  if (aws::judge(outcome) != aws::Verdict::give_up) return true;
  // What is no answer of X-Ray's comes from something in between, or from a wrong endpoint.
  if (outcome.status < 400 || outcome.status >= 500) return true;
  return outcome.status == 404 || outcome.status == 407 || is_about_identity(outcome);
}

bool names_unknown_keys(const ServiceAnswer& answer) {
  return answer.error_code == "UnrecognizedClientException" ||
         answer.error_code == "InvalidClientTokenId";
}

std::vector<std::size_t> range(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> indices;
  for (std::size_t i = begin; i < end; ++i) indices.push_back(i);
  return indices;
}

/// In two parts, the first of them last.
void halve(const Batch& whole, std::vector<Batch>& parts) {
  const std::size_t half = whole.documents.size() / 2;
  parts.push_back(backlog::select(whole, range(half, whole.documents.size())));
  parts.push_back(backlog::select(whole, range(0, half)));
}

/// Whether the documents themselves may have brought this about.
bool may_be_the_documents(const aws::RequestOutcome& outcome) {
  switch (outcome.end) {
    case aws::RequestEnd::answered:
      return outcome.status >= 500 && aws::judge(outcome) != aws::Verdict::throttled;
    case aws::RequestEnd::cut:
    case aws::RequestEnd::timed_out:
    case aws::RequestEnd::malformed_answer:
      return true;
    default:
      return false;
  }
}

}  // namespace

Delivery::Delivery(const UploadParts& parts, net::HttpClient& client)
    : parts_(parts), client_(client) {
}

void Delivery::deliver(Batch&& batch) noexcept {
  try {
    work_through(batch);
  } catch (const std::exception&) {
    // Without memory, or OpenSSL: the pause lets others give some back.
    (void)parts_.pace.pause(1s);
    parts_.backlog.put_back(std::move(batch));
  }
}

void Delivery::work_through(Batch& batch) {
  std::vector<Batch> again;
  ++batch.attempts;
  switch (send(batch, again)) {
    case End::later:
      keep(std::move(batch));
      return;
    case End::split:
      halve(batch, again);
      break;
    case End::settled:
      break;
  }
  send_rest(again);
  parts_.backlog.done(std::move(batch));
}

/// What came out of a batch: none of it is in the backlog's books until it is put back.
void Delivery::send_rest(std::vector<Batch>& again) {
  while (!again.empty()) {
    const Batch part = std::move(again.back());
    again.pop_back();
    switch (send(part, again)) {
      case End::later:
        // The others would fare no better now.
        again.push_back(part);
        for (Batch& other : again) parts_.backlog.put_back(std::move(other));
        return;
      case End::split:
        halve(part, again);
        break;
      case End::settled:
        break;
    }
  }
}

void Delivery::keep(Batch&& batch) {
  const int patience = batch.documents.size() > 1 ? whole_attempts : single_attempts;
  if (!suspicious_ || batch.attempts < patience || parts_.pace.ended()) {
    parts_.backlog.put_back(std::move(batch));
  } else if (batch.documents.size() > 1) {
    std::vector<Batch> halves;
    halve(batch, halves);
    parts_.backlog.put_back(std::move(halves[1]));
    parts_.backlog.put_back(std::move(halves[0]));
    parts_.backlog.done(std::move(batch));
  } else {
    try_after_another(std::move(batch));
  }
}

void Delivery::try_after_another(Batch&& batch) {
  std::optional<Batch> other = parts_.backlog.take(Clock::now());
  if (!other) {
    parts_.backlog.put_back(std::move(batch));
    return;
  }
  std::vector<Batch> again;
  const End end = send(*other, again);
  if (end == End::later) {
    const bool both_suspicious = suspicious_ && !parts_.pace.ended();
    parts_.backlog.put_back(std::move(*other));
    if (both_suspicious) {
      // Both may be what the service stumbles over: others are to be tried before this one is.
      parts_.backlog.put_behind(backlog::select(batch, {0}));
      parts_.backlog.done(std::move(batch));
    } else {
      parts_.backlog.put_back(std::move(batch));
    }
    return;
  }
  if (end == End::split) halve(*other, again);
  send_rest(again);
  parts_.backlog.done(std::move(*other));

  // The service is well, and this one has its last chance.
  again.clear();
  if (send(batch, again) == End::later) {
    if (!suspicious_ || parts_.pace.ended()) {
      parts_.backlog.put_back(std::move(batch));
      return;
    }
    parts_.pace.got_through();
    lose(batch);
  }
  for (Batch& part : again) parts_.backlog.put_back(std::move(part));
  parts_.backlog.done(std::move(batch));
}

Delivery::End Delivery::send(const Batch& batch, std::vector<Batch>& again) {
  const std::string sha256 = aws::sha256_hex(batch.body);
  const std::string invocation = make_invocation_id();
  ServiceRequest request;
  request.path = "/TraceSegments";
  request.body = batch.body;
  request.body_sha256 = sha256;
  request.invocation_id = invocation;
  request.attempts = parts_.retries.attempts();

  for (int attempt = 1;; ++attempt) {
    suspicious_ = false;
    if (parts_.pace.ended()) return End::later;
    request.attempt = attempt;
    const auto begun = Clock::now();
    const auto timeout = parts_.patience.present();
    const ServiceAnswer answer = call_service(parts_.service, client_, request, timeout);
    if (!answer.was_sent()) return End::later;
    // The connection was cut by us.
    if (answer.http.end == aws::RequestEnd::cut && parts_.pace.ended()) return End::later;
    const auto took = Clock::now() - begun;
    parts_.counters.request(took);
    const aws::RequestOutcome outcome = answer.outcome();
    const aws::Verdict verdict = aws::judge(outcome);
    if (outcome.end == aws::RequestEnd::answered) parts_.patience.answered(took);
    if (outcome.end == aws::RequestEnd::timed_out) parts_.patience.timed_out(timeout);
    if (verdict == aws::Verdict::success) {
      parts_.pace.got_through();
      parts_.retries.succeeded(attempt > 1);
      settle(batch, answer.http.response.body, took, again);
      return End::settled;
    }

    parts_.counters.failure(failure_class(outcome));
    if (verdict == aws::Verdict::throttled || outcome.end == aws::RequestEnd::timed_out) {
      parts_.pace.slow_down(begun);
    }
    if (outcome.end == aws::RequestEnd::answered && outcome.status == 413 &&
        batch.documents.size() > 1) {
      parts_.pace.got_through();
      return End::split;
    }
    const bool ours =
        verdict == aws::Verdict::refresh_credentials || verdict == aws::Verdict::correct_clock;
    if (ours && !put_right(answer, verdict)) return give_up(batch, answer, begun);
    // A probe has one attempt, unless the fault was here.
    if (!ours && parts_.pace.failing()) return give_up(batch, answer, begun);
    const auto wait = parts_.retries.next_attempt(outcome, attempt);
    if (!wait || (*wait > longest_wait_at_the_end && parts_.pace.closing())) {
      return give_up(batch, answer, begun);
    }
    if (!parts_.pace.pause(*wait)) return End::later;
    parts_.counters.retry();
  }
}

bool Delivery::put_right(const ServiceAnswer& answer, aws::Verdict verdict) {
  if (verdict == aws::Verdict::correct_clock) {
    return parts_.service.clock.correct(answer.http.response.header("Date"), answer.signed_for);
  }
  parts_.service.credentials.refused(*answer.lease);
  await_new_credentials(parts_.service.credentials, *answer.lease, parts_.pace);
  return true;
}

void Delivery::settle(const Batch& batch, std::string_view answer, Clock::duration took,
                      std::vector<Batch>& again) {
  const std::size_t documents = batch.documents.size();
  const std::vector<UnprocessedEntry> entries = read_unprocessed(answer, batch);
  if (entries.empty()) {
    parts_.counters.sent(documents);
    parts_.log.sent(documents, took);
    return;
  }
  std::vector<std::size_t> throttled;
  for (const UnprocessedEntry& entry : entries) {
    const bool known = entry.document != UnprocessedEntry::nowhere;
    if (known && entry.throttled && batch.throttles + 1 < most_throttled_attempts) {
      throttled.push_back(entry.document);
      continue;
    }
    parts_.counters.rejected(entry.code);
    parts_.log.unprocessed(known ? trace_id_of(batch.document(entry.document)) : std::string_view(),
                           entry);
  }
  parts_.counters.sent(documents - entries.size());
  parts_.log.sent_but(documents, entries.size(), took);
  if (throttled.empty()) return;

  std::sort(throttled.begin(), throttled.end());
  Batch part = backlog::select(batch, throttled);
  ++part.throttles;
  parts_.pace.slow_down(Clock::now() - took);
  // When all is over in the meantime, send() says so.
  (void)parts_.pace.pause(parts_.retries.throttle_pause(part.throttles));
  again.push_back(std::move(part));
}

Delivery::End Delivery::give_up(const Batch& batch, const ServiceAnswer& answer,
                                Clock::time_point begun) {
  const aws::RequestOutcome outcome = answer.outcome();
  last_class_ = failure_class(outcome);
  last_why_ = answer.description();
  suspicious_ = may_be_the_documents(outcome);
  if (may_succeed_later(outcome)) {
    if (names_unknown_keys(answer)) parts_.service.credentials.refused(*answer.lease);
    const auto asked =
        aws::parse_retry_after(outcome.retry_after, std::chrono::system_clock::now());
    parts_.pace.failed(begun, last_why_, asked.value_or(0ms));
    return End::later;
  }
  // The service is well; it is these documents that it does not want.
  parts_.pace.got_through();
  lose(batch);
  return End::settled;
}

void Delivery::lose(const Batch& batch) {
  parts_.counters.lost(last_class_, batch.documents.size());
  parts_.log.lost(last_why_, batch.documents.size());
}

void await_new_credentials(aws::CredentialsSource& source, const aws::CredentialsLease& refused,
                           const Pace& pace) {
  const auto deadline = Clock::now() + credentials_patience;
  while (!pace.ended() && Clock::now() < deadline) {
    const auto until = std::min<Clock::time_point>(deadline, Clock::now() + attention);
    if (source.newer_than(&refused, until) != nullptr) return;
  }
}

}  // namespace xrayd::forward
