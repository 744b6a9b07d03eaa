// Brings one batch to the service.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "backlog/backlog.hpp"
#include "forward/pace.hpp"
#include "forward/patience.hpp"
#include "forward/retries.hpp"
#include "forward/service_call.hpp"
#include "forward/upload_counters.hpp"
#include "forward/upload_log.hpp"
#include "net/http_client.hpp"

namespace xrayd::forward {

/// What all threads that upload share. All of it outlives them.
struct UploadParts {
  Service& service;
  backlog::Backlog& backlog;
  UploadCounters& counters;
  UploadLog& log;
  Retries& retries;
  Pace& pace;
  Patience& patience;
  /// For a connection; an attempt has `patience`.
  std::chrono::milliseconds connect_timeout;
};

/// For one thread, with its connection.
class Delivery {
 public:
  Delivery(const UploadParts& parts, net::HttpClient& client);

  /// Sends the batch, what is throttled of it again, a request that is too large in halves. Each of
  /// its documents is afterwards counted once as sent, rejected or lost, or is back in the backlog.
  /// A batch that fails again and again comes back in halves: on a slow line shorter requests may
  /// be in time, and a document that the service stumbles over does not hold up all others for
  /// ever. It is lost, and counted, once others got through just before it failed another time.
  void deliver(backlog::Batch&& batch) noexcept;

 private:
  enum class End {
    settled,  ///< each document is counted, or is part of what is to be sent again
    later,    ///< nothing is counted; all of it waits for better times
    split     ///< nothing is counted; the same in smaller requests may succeed
  };

  void work_through(backlog::Batch& batch);
  void send_rest(std::vector<backlog::Batch>& again);
  void keep(backlog::Batch&& batch);
  void try_after_another(backlog::Batch&& batch);
  End send(const backlog::Batch& batch, std::vector<backlog::Batch>& again);
  /// A request was refused for its signature: true if another signature may do.
  bool put_right(const ServiceAnswer& answer, aws::Verdict verdict);
  void settle(const backlog::Batch& batch, std::string_view answer, Pace::Clock::duration took,
              std::vector<backlog::Batch>& again);
  End give_up(const backlog::Batch& batch, const ServiceAnswer& answer,
              Pace::Clock::time_point begun);
  void lose(const backlog::Batch& batch);

  UploadParts parts_;
  net::HttpClient& client_;
  /// Of the last request that was given up: whether its documents may have been at fault, and why.
  bool suspicious_ = false;
  FailureClass last_class_ = FailureClass::cut;
  std::string last_why_;
};

/// Waits for credentials other than `refused`, but not for long, nor when all is over.
void await_new_credentials(aws::CredentialsSource& source, const aws::CredentialsLease& refused,
                           const Pace& pace);

}  // namespace xrayd::forward
