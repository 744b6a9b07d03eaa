// Whether a client that we know is in the process: asked by every program, so asked quickly.
#pragma once

#include <string_view>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace preload {

/// The libraries of all clients, without `.so` and what follows. Here for a second time because
/// most programs load none of them, and are to pay nothing for the list of what is wrapped.
inline constexpr std::string_view client_libraries[] = {
    "libcurl", "libcurl-gnutls", "libcurl-nss",    "libsqlite3",
    "libpq",   "libmariadb",     "libmysqlclient", "libhiredis",
};

/// By the names of the loaded modules' files; some nanoseconds a module. Takes the loader's lock
/// for reading, allocates nothing.
bool is_client_loaded() noexcept;

}  // namespace preload
XRAY_NAMESPACE_END
