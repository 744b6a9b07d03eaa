// Which functions of which libraries are wrapped by what.
//
// Two libraries may have the same functions (libcurl.so.4 and libcurl-gnutls.so.4) and be in one
// process, each called by its own modules. A wrapper must then call the function of the library
// that its caller would have called; so every library of a client has wrappers of its own, made
// from one template by the library's number:
//
//     template <std::size_t Library>
//     struct Step {
//       static constexpr const char* symbol = "sqlite3_step";
//       static inline Original<int(sqlite3_stmt*)> original;
//       static int call(sqlite3_stmt* statement) { ...; return original(statement); }
//     };
//     table.add(make_client<Step, Prepare>("sqlite3", {"libsqlite3.so.0"}));
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "patching/original.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// One function of one library.
struct Hook {
  const char* symbol = nullptr;
  void* wrapper = nullptr;
  OriginalAddress* original = nullptr;
};

struct Library {
  std::string soname;
  std::vector<Hook> hooks;
};

/// What users name in patch(): all libraries with one interface.
struct Client {
  std::string name;
  std::vector<Library> libraries;
  bool is_internal = false;  ///< ours alone: hooked when asked for by name, in no report
};

/// The hook of a wrapper as described above.
template <typename Wrapper>
Hook make_hook() noexcept {
  return {Wrapper::symbol, reinterpret_cast<void*>(&Wrapper::call), &Wrapper::original};
}

template <std::size_t Number, template <std::size_t> class... Wrappers>
Library make_library(const char* soname) {
  return {soname, {make_hook<Wrappers<Number>>()...}};
}

template <template <std::size_t> class... Wrappers, std::size_t Count, std::size_t... Numbers>
Client make_client_of(const char* name, const char* const (&sonames)[Count],
                      std::index_sequence<Numbers...> /*numbers*/) {
  return {name, {make_library<Numbers, Wrappers...>(sonames[Numbers])...}, false};
}

/// A client of wrapper templates and of the libraries that have these functions.
template <template <std::size_t> class... Wrappers, std::size_t Count>
Client make_client(const char* name, const char* const (&sonames)[Count]) {
  return make_client_of<Wrappers...>(name, sonames, std::make_index_sequence<Count>());
}

}  // namespace patching
XRAY_NAMESPACE_END
