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
  const auto halve = [&again](const Batch& whole) {
    const std::size_t half = whole.documents.size() / 2;
    again.push_back(backlog::select(whole, range(half, whole.documents.size())));
    again.push_back(backlog::select(whole, range(0, half)));
  };
  ++batch.attempts;
  switch (send(batch, again)) {
    case End::later:
      parts_.backlog.put_back(std::move(batch));
      return;
    case End::split:
      halve(batch);
      break;
    case End::settled:
      break;
  }
  while (!again.empty()) {
    Batch part = std::move(again.back());
    again.pop_back();
    switch (send(part, again)) {
      case End::later:
        // The others would fare no better now.
        parts_.backlog.put_back(std::move(part));
        for (Batch& other : again) parts_.backlog.put_back(std::move(other));
        again.clear();
        break;
      case End::split:
        halve(part);
        break;
      case End::settled:
        break;
    }
  }
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
    if (parts_.pace.ended()) return End::later;
    request.attempt = attempt;
    const auto begun = Clock::now();
    const ServiceAnswer answer =
        call_service(parts_.service, client_, request, parts_.request_timeout);
    if (!answer.was_sent()) return End::later;
    // The connection was cut by us.
    if (answer.http.end == aws::RequestEnd::cut && parts_.pace.ended()) return End::later;
    const auto took = Clock::now() - begun;
    parts_.counters.request(took);
    const aws::RequestOutcome outcome = answer.outcome();
    const aws::Verdict verdict = aws::judge(outcome);
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
    if (!wait) return give_up(batch, answer, begun);
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
    if (known && entry.throttled && batch.attempts < most_throttled_attempts) {
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
  ++part.attempts;
  parts_.pace.slow_down(Clock::now() - took);
  // When all is over in the meantime, send() says so.
  (void)parts_.pace.pause(parts_.retries.throttle_pause(batch.attempts));
  again.push_back(std::move(part));
}

Delivery::End Delivery::give_up(const Batch& batch, const ServiceAnswer& answer,
                                Clock::time_point begun) {
  const aws::RequestOutcome outcome = answer.outcome();
  if (may_succeed_later(outcome)) {
    if (names_unknown_keys(answer)) parts_.service.credentials.refused(*answer.lease);
    parts_.pace.failed(begun, answer.description());
    return End::later;
  }
  // The service is well; it is these documents that it does not want.
  parts_.pace.got_through();
  parts_.counters.lost(failure_class(outcome), batch.documents.size());
  parts_.log.lost(answer.description(), batch.documents.size());
  return End::settled;
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
