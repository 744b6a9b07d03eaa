// The parameters of a question of the console.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace xrayd::local {

/// By name, decoded. Unknown ones are passed over.
using ConsoleParameters = std::map<std::string, std::string, std::less<>>;

/// What the console asks beyond the X-Ray API.
enum class ConsoleQuestion { traces, facets, tail, completion, documents };

}  // namespace xrayd::local
