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
//
// One more instance than a client has libraries is for the copy that a program may contain: see
// linked.hpp.
//
// A template without `call` is a function that is not wrapped: wrappers call it, in the same
// library, by its `original`. That is null where the library is too old or too new to have it.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "patching/linked.hpp"
#include "patching/original.hpp"

XRAY_NAMESPACE_BEGIN
namespace patching {

/// One function of one library.
struct Hook {
  const char* symbol = nullptr;
  void* wrapper = nullptr;
  OriginalAddress* original = nullptr;
};

/// A function of a library that wrappers of its own functions call.
struct Companion {
  const char* symbol = nullptr;
  OriginalAddress* original = nullptr;
};

struct Library {
  std::string soname;
  std::vector<Hook> hooks;
  std::vector<Companion> companions = {};
  bool is_linked = false;  ///< no file, but a copy that the program contains
  /// Of a copy: a function that it must have to be meant; null: whatever it has. Where the layout
  /// of what wrappers read differs between versions, there is a library for each.
  const char* only_with = nullptr;
};

/// What users name in patch(): all libraries with one interface.
struct Client {
  std::string name;
  std::vector<Library> libraries;
  bool is_internal = false;  ///< ours alone: hooked when asked for by name, in no report
};

template <typename Wrapper, typename = void>
struct HasCall : std::false_type {};
template <typename Wrapper>
struct HasCall<Wrapper, std::void_t<decltype(&Wrapper::call)>> : std::true_type {};

/// Enters a wrapper or companion as described above.
template <typename Function>
void add_function(Library& library) {
  if constexpr (HasCall<Function>::value) {
    library.hooks.push_back(
        {Function::symbol, reinterpret_cast<void*>(&Function::call), &Function::original});
  } else {
    library.companions.push_back({Function::symbol, &Function::original});
  }
}

template <std::size_t Number, template <std::size_t> class... Functions>
Library make_library(const char* soname) {
  Library library;
  library.soname = soname;
  (add_function<Functions<Number>>(library), ...);
  return library;
}

/// A copy that a program may contain.
template <std::size_t Number, template <std::size_t> class... Functions>
Library make_linked_library(const char* only_with = nullptr) {
  Library library = make_library<Number, Functions...>(linked_statically);
  library.is_linked = true;
  library.only_with = only_with;
  return library;
}

template <template <std::size_t> class... Wrappers, std::size_t Count, std::size_t... Numbers>
Client make_client_of(const char* name, const char* const (&sonames)[Count],
                      std::index_sequence<Numbers...> /*numbers*/) {
  Client client{name, {make_library<Numbers, Wrappers...>(sonames[Numbers])...}, false};
  client.libraries.push_back(make_linked_library<Count, Wrappers...>());
  return client;
}

/// A client of function templates and of the libraries that have these functions.
template <template <std::size_t> class... Wrappers, std::size_t Count>
Client make_client(const char* name, const char* const (&sonames)[Count]) {
  return make_client_of<Wrappers...>(name, sonames, std::make_index_sequence<Count>());
}

}  // namespace patching
XRAY_NAMESPACE_END
