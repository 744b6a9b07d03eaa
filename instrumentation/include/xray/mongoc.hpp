// MongoDB's commands as subsegments, by libmongoc's own monitoring (1.21 or later).
//
//     mongoc_client_t* const client = mongoc_client_new_from_uri(uri);
//     xray::trace_mongoc(client);
#pragma once

#include <mongoc/mongoc.h>

#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

#include <xray/xray.hpp>

XRAY_NAMESPACE_BEGIN

namespace detail {

/// The commands under way. libmongoc tells of a command's beginning and end on one thread; numbers
/// of requests are each client's own.
class MongocCommands {
 public:
  /// Lives as long as the process: clients may be used until its very end.
  static MongocCommands& all() {
    static MongocCommands& commands = *new MongocCommands;
    return commands;
  }

  void put(std::int64_t request, Subsegment subsegment) {
    const std::lock_guard<std::mutex> lock(mutex_);
    under_way_.insert_or_assign(Key{request, std::this_thread::get_id()}, std::move(subsegment));
  }

  std::optional<Subsegment> take(std::int64_t request) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = under_way_.find(Key{request, std::this_thread::get_id()});
    if (found == under_way_.end()) return std::nullopt;
    std::optional<Subsegment> subsegment(std::move(found->second));
    under_way_.erase(found);
    return subsegment;
  }

 private:
  struct Key {
    std::int64_t request;
    std::thread::id thread;
    bool operator==(const Key& other) const noexcept {
      return request == other.request && thread == other.thread;
    }
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<std::thread::id>()(key.thread) ^ static_cast<std::size_t>(key.request);
    }
  };

  std::mutex mutex_;
  std::unordered_map<Key, Subsegment, Hash> under_way_;
};

/// "MongoDB 11000": of a failure's reply only the number, for messages repeat documents.
inline void add_mongoc_error(Subsegment& subsegment, std::int64_t code) {
  subsegment.add_remote_exception("MongoDB " + std::to_string(code), {});
}

/// The number of the first document that could not be written. The command as such succeeds.
inline std::optional<std::int64_t> mongoc_write_error(const bson_t* reply) noexcept {
  bson_iter_t iterator;
  bson_iter_t code;
  if (reply == nullptr || !bson_iter_init(&iterator, reply)) return std::nullopt;
  for (const char* const path : {"writeErrors.0.code", "writeConcernError.code"}) {
    bson_iter_t search = iterator;
    if (bson_iter_find_descendant(&search, path, &code)) return bson_iter_as_int64(&code);
  }
  return std::nullopt;
}

inline void mongoc_command_started(const mongoc_apm_command_started_t* event) noexcept {
  try {
    const Context context = current_context();
    if (!context) return;
    const char* const database = mongoc_apm_command_started_get_database_name(event);
    const char* const host = mongoc_apm_command_started_get_host(event)->host_and_port;
    Subsegment subsegment(std::string(database) + "@" + host, context, Namespace::remote);
    if (!subsegment.sampled()) return;
    subsegment.add_annotation("mongodb_command_name",
                              mongoc_apm_command_started_get_command_name(event));
    subsegment.add_annotation("mongodb_database_name", database);
    const auto connection = mongoc_apm_command_started_get_server_connection_id(event);
    if (connection >= 0) subsegment.add_annotation("mongodb_connection_id", connection);
    subsegment.add_annotation("mongodb_operation_id",
                              mongoc_apm_command_started_get_operation_id(event));
    const std::int64_t request = mongoc_apm_command_started_get_request_id(event);
    subsegment.add_annotation("mongodb_request_id", request);
    MongocCommands::all().put(request, std::move(subsegment));
  } catch (const std::exception&) {  // out of memory: it is not recorded, or ends at once
    return;
  }
}

inline void mongoc_command_succeeded(const mongoc_apm_command_succeeded_t* event) noexcept {
  try {
    auto subsegment =
        MongocCommands::all().take(mongoc_apm_command_succeeded_get_request_id(event));
    if (!subsegment) return;
    subsegment->add_annotation("mongodb_duration_micros",
                               mongoc_apm_command_succeeded_get_duration(event));
    const auto code = mongoc_write_error(mongoc_apm_command_succeeded_get_reply(event));
    if (!code) return;
    add_mongoc_error(*subsegment, *code);
    subsegment->set_fault(false);
    subsegment->set_error();
  } catch (const std::exception&) {
    return;
  }
}

inline void mongoc_command_failed(const mongoc_apm_command_failed_t* event) noexcept {
  try {
    auto subsegment = MongocCommands::all().take(mongoc_apm_command_failed_get_request_id(event));
    if (!subsegment) return;
    subsegment->add_annotation("mongodb_duration_micros",
                               mongoc_apm_command_failed_get_duration(event));
    bson_error_t error;
    mongoc_apm_command_failed_get_error(event, &error);
    add_mongoc_error(*subsegment, error.code);
  } catch (const std::exception&) {
    return;
  }
}

template <typename Set>
bool set_mongoc_callbacks(Set&& set) noexcept {
  mongoc_apm_callbacks_t* const callbacks = mongoc_apm_callbacks_new();
  mongoc_apm_set_command_started_cb(callbacks, &mongoc_command_started);
  mongoc_apm_set_command_succeeded_cb(callbacks, &mongoc_command_succeeded);
  mongoc_apm_set_command_failed_cb(callbacks, &mongoc_command_failed);
  const bool is_set = set(callbacks);
  mongoc_apm_callbacks_destroy(callbacks);  // libmongoc has copied them
  return is_set;
}

}  // namespace detail

/// Makes every command of this client a remote subsegment of what is current on the calling thread,
/// named `database@host:port`, with the command's name, database and numbers as annotations. No
/// document, filter or key is recorded, and of an error only its number: it makes a fault, one of
/// single documents an error. What libmongoc asks on its own (hello, authentication) is not
/// recorded, nor what is called without a current segment.
///
/// Say it before the client is used, on the thread that uses it. It takes the place of monitoring
/// callbacks set before. Throws nothing.
inline bool trace_mongoc(mongoc_client_t* client) noexcept {
  return detail::set_mongoc_callbacks([client](mongoc_apm_callbacks_t* callbacks) {
    return mongoc_client_set_apm_callbacks(client, callbacks, nullptr);
  });
}

/// The same for all clients of a pool. Before the first of them is taken, and once: false, and a
/// line in libmongoc's log, where callbacks are set already. Clients of a pool are not given
/// callbacks of their own.
inline bool trace_mongoc(mongoc_client_pool_t* pool) noexcept {
  return detail::set_mongoc_callbacks([pool](mongoc_apm_callbacks_t* callbacks) {
    return mongoc_client_pool_set_apm_callbacks(pool, callbacks, nullptr);
  });
}

XRAY_NAMESPACE_END
